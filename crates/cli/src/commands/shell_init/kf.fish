# kf: put this shell under another profile or role. kf WORDS, kf -, kf --env WORDS, kf --unset
function kf
    set -l keyfob_lines (command keyfob switch --format fish $argv)
    or return
    printf '%s\n' $keyfob_lines | source
end
