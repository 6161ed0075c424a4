# Where nushell reads it at its start:
#     mkdir ($nu.user-autoload-dirs | first)
#     keyfob shell-init nushell | save --force ($nu.user-autoload-dirs | first | path join keyfob.nu)

# kf: put this shell under another profile or role. kf WORDS, kf -, kf --env WORDS, kf --unset
def --env --wrapped kf [...words: string] {
    let variables = ^keyfob switch --format nushell ...$words | from json
    let gone = $variables | columns | where {|name| ($variables | get $name) == null }
    hide-env --ignore-errors ...$gone
    load-env ($variables | reject ...$gone)
}
