# kf: put this shell under another profile or role. kf WORDS, kf -, kf --env WORDS, kf --unset
kf() {
    local keyfob_lines
    keyfob_lines="$(command keyfob switch --format env "$@")" || return
    eval "$keyfob_lines"
}
