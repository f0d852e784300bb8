// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/completion.h"

namespace cring::app {

namespace {

// All three hand over the words that were typed, each with a zero byte behind it, and get a line that says
// what the shell completes by itself, and a line for each word: WORD, tab, what it means.

constexpr const char *kBash = R"sh(# bash completion for cring: made by `cring completion bash`
# SPDX-License-Identifier: GPL-3.0-or-later

_cring()
{
    local words=() lines=() rest=$COMP_LINE trimmed i word current known
    # bash breaks words at = and : as well; what no blank parts belongs together.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        trimmed=${rest#"${rest%%[![:blank:]]*}"}
        if ((i > 0)) && [ "$trimmed" = "$rest" ]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        rest=${trimmed#"$word"}
    done
    current=${words[${#words[@]} - 1]}
    mapfile -t lines < <(printf '%s\0' "${words[@]:1}" | "${words[0]}" completion words 2>/dev/null)
    ((${#lines[@]} > 0)) || return 0

    COMPREPLY=()
    case ${lines[0]} in
    :files)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "${current#--*=}")
        ;;
    :folders)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "${current#--*=}")
        ;;
    esac
    # What bash has broken off before the word stays where it is.
    known=${current%"${current##*[=:]}"}
    for word in "${lines[@]:1}"; do
        word=${word%%$'\t'*}
        COMPREPLY+=("$(printf '%q' "${word#"$known"}")")
    done
    if ((${#COMPREPLY[@]} == 1)) && [ "${COMPREPLY[0]%=}" != "${COMPREPLY[0]}" ]; then
        compopt -o nospace
    fi
}

complete -F _cring cring
)sh";

constexpr const char *kZsh = R"sh(#compdef cring
# zsh completion for cring: made by `cring completion zsh`
# SPDX-License-Identifier: GPL-3.0-or-later

_cring()
{
    local -a lines described
    local line word
    lines=("${(@f)$(printf '%s\0' "${(@Q)words[2,CURRENT]}" | ${words[1]} completion words 2>/dev/null)}")
    (( $#lines )) || return 1
    for line in "${(@)lines[2,-1]}"; do
        word=${line%%$'\t'*}
        if [[ $line == *$'\t'?* ]]; then
            described+=("${word//:/\\:}:${line#*$'\t'}")
        else
            described+=("${word//:/\\:}")
        fi
    done
    case $lines[1] in
    :files)
        compset -P '--*='
        _files
        ;;
    :folders)
        compset -P '--*='
        _files -/
        ;;
    *)
        _describe 'cring' described
        ;;
    esac
}

if [ "$funcstack[1]" = "_cring" ]; then
    _cring "$@"
else
    compdef _cring cring
fi
)sh";

constexpr const char *kFish = R"sh(# fish completion for cring: made by `cring completion fish`
# SPDX-License-Identifier: GPL-3.0-or-later

function __cring_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines (printf '%s\0' $words "$current" | $program completion words 2>/dev/null)
    test (count $lines) -gt 0; or return
    switch $lines[1]
        case :files
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
        case :folders
            __fish_complete_directories (string replace -r '^--[^=]*=' '' -- "$current")
    end
    set -e lines[1]
    printf '%s\n' $lines
end

complete -c cring -f -a '(__cring_complete)'
)sh";

} // namespace

QString completionScript(const QString &shell)
{
    const char *script = shell == QStringLiteral("bash")  ? kBash
                         : shell == QStringLiteral("zsh") ? kZsh
                                                          : kFish;
    return QString::fromUtf8(script);
}

} // namespace cring::app
