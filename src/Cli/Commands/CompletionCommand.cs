using System.CommandLine;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops completion bash|zsh</c>: a script that has the shell ask <c>shitops [suggest]</c>.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _shitops() {
          local line=${COMP_LINE:0:COMP_POINT}
          mapfile -t COMPREPLY < <(shitops "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o default -F _shitops shitops
        """;

    private const string Zsh = """
        _shitops() {
          local -a found
          found=(${(f)"$(shitops "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)"})
          compadd -- $found
        }
        compdef _shitops shitops
        """;

    public static Command Make()
    {
        var shell = new Argument<string>("shell") { Description = "bash or zsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        var command = new Command("completion", "Print the script for completion: source <(shitops completion bash)") { shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(parsed.GetValue(shell) == "bash" ? Bash : Zsh);
            return ExitCodes.Done;
        });
        return command;
    }
}
