# kf: put this shell under another profile or role. kf WORDS, kf -, kf --env WORDS, kf --unset
function kf {
    $lines = keyfob switch --format powershell @args
    if ($LASTEXITCODE -eq 0) { $lines | Out-String | Invoke-Expression }
}
