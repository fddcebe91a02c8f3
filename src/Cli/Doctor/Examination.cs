using System.Runtime.CompilerServices;
using ShitOps.Client;

namespace ShitOps.Cli.Doctor;

/// <summary>Every check, one after the other; each tells what it found as it finds it.</summary>
internal sealed class Examination(ShitOpsClient client, DoctorSettings settings, TimeProvider time, bool uploadEicar)
{
    /// <summary>A check is not waited for longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var gateway = new GatewayChecks(client, time);
        (string Name, Func<CancellationToken, Task<Finding>> Check)[] checks =
        [
            ("gateway", gateway.LiveAsync),
            ("ready", gateway.ReadyAsync),
            ("key", gateway.KeyAsync),
            ("versions", gateway.VersionsAsync),
            ("clock", gateway.ClockAsync),
            ("database", until => DatabaseCheck.RunAsync(settings.Database, time, until)),
            .. settings.Clamd.Count == 0
                ? [("clamd", NoClamd)]
                : settings.Clamd.Select(endpoint => ("clamd " + endpoint, (Func<CancellationToken, Task<Finding>>)(until => ClamdCheck.RunAsync(endpoint, time, until)))),
            ("elasticsearch", until => ElasticCheck.RunAsync(settings, until)),
            .. uploadEicar ? [("eicar", gateway.EicarAsync)] : Array.Empty<(string, Func<CancellationToken, Task<Finding>>)>(),
        ];
        foreach ((string name, Func<CancellationToken, Task<Finding>> check) in checks)
            yield return await RunAsync(name, check, stop);
    }

    private static Task<Finding> NoClamd(CancellationToken stop) => Task.FromResult(Finding.NotDone(
        "clamd", "not looked at: no endpoint was given", $"give --clamd or {DoctorSettings.ClamdVariable}0, or try the whole way with --eicar and a team's key"));

    private async Task<Finding> RunAsync(string name, Func<CancellationToken, Task<Finding>> check, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            return await check(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Finding.Bad(name, $"no answer within {Patience.TotalSeconds:0} s", "see whether it hangs, or whether something between swallows what is sent");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return Finding.Bad(name, error.Message, "see what this says");
        }
    }
}
