using System.CommandLine;

namespace ImageUpdater.Host.Commands;

internal enum Shell
{
    Bash,
    Zsh,
    Fish,
    Pwsh,
}

/// <summary>Prints the script that completes commands, options, workloads and namespaces in a shell.</summary>
internal static class CompletionCommand
{
    // The whole line is passed on, so that the program's own parser decides what is completed.
    private const string Bash = """
        _image_updater() {
            local IFS=$'\n'
            COMPREPLY=($(image-updater complete --position "$COMP_POINT" -- "$COMP_LINE" 2>/dev/null))
        }
        complete -o default -F _image_updater image-updater
        """;

    private const string Zsh = """
        #compdef image-updater
        _image_updater() {
            local -a found
            found=("${(@f)$(image-updater complete --position "$CURSOR" -- "$BUFFER" 2>/dev/null)}")
            [[ -n "$found" ]] && compadd -a found || _files
        }
        compdef _image_updater image-updater
        """;

    private const string Fish = """
        complete --command image-updater --arguments '(image-updater complete --position (commandline --cursor) -- (commandline) 2>/dev/null)'
        """;

    private const string Pwsh = """
        Register-ArgumentCompleter -Native -CommandName image-updater -ScriptBlock {
            param($word, $line, $cursor)
            image-updater complete --position $cursor -- "$line" 2>$null | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    public static Command Create()
    {
        var shell = new Argument<Shell>("SHELL") { Description = "bash, zsh, fish or pwsh.", CustomParser = Choices.OneOf<Shell>, HelpName = Choices.Names<Shell>() };
        var command = new Command(
            "completion",
            """
            Prints a script for a shell that completes commands, options, workloads and namespaces. Workloads and namespaces are those of the
            cluster; if it does not answer within two seconds, those of the state store.

            Exit codes: 0 done; 1 error.

            Example:
              image-updater completion bash > /etc/bash_completion.d/image-updater
              image-updater completion zsh > "${fpath[1]}/_image-updater"
              image-updater completion fish > ~/.config/fish/completions/image-updater.fish
              image-updater completion pwsh | Out-String | Invoke-Expression
            """)
        { shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(parsed.GetValue(shell) switch
            {
                Shell.Bash => Bash,
                Shell.Zsh => Zsh,
                Shell.Fish => Fish,
                _ => Pwsh,
            });
            return CommandLine.Success;
        });
        return command;
    }
}
