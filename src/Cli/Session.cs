using System.CommandLine;
using System.Text.Json;
using ShitOps.Client;

namespace ShitOps.Cli;

/// <summary>Runs commands: makes the client, and turns what goes wrong into a line and an exit code.</summary>
internal sealed class Session(Func<string, string?> environment, TimeProvider time)
{
    public Connection Connection { get; } = new();
    public TimeProvider Time { get; } = time;

    public string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;

    /// <summary>Makes the command do that with a client.</summary>
    public void Does(Command command, Func<ParseResult, ShitOpsClient, Output, CancellationToken, Task<int>> work) =>
        command.SetAction(async (parsed, stop) =>
        {
            var output = new Output(Connection.IsJson(parsed));
            try
            {
                using var client = new ShitOpsClient(Connection.Read(parsed, environment, Time));
                return await work(parsed, client, output, stop);
            }
            catch (Exception error)
            {
                return Tell(error, output, stop.IsCancellationRequested);
            }
        });

    private static int Tell(Exception error, Output output, bool interrupted)
    {
        switch (error)
        {
            case OperationCanceledException when interrupted:
                return ExitCodes.Interrupted;
            case UsageException or ArgumentException:
                output.Error(error.Message);
                return ExitCodes.Usage;
            case ShitOpsException refused:
                output.Refusal(refused);
                return refused.IsTransient ? ExitCodes.Unreachable : ExitCodes.Refused;
            case HttpRequestException or TimeoutException or IOException or InvalidDataException or JsonException:
                output.Error(error.Message);
                return ExitCodes.Unreachable;
            default:
                output.Error($"this should not have happened: {error}");
                return ExitCodes.Refused;
        }
    }
}
