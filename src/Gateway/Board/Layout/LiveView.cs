using Microsoft.AspNetCore.Components;
using ShitOps.Gateway.Board.Data;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;

namespace ShitOps.Gateway.Board.Layout;

/// <summary>
/// A view that stays current by itself: it reads when it appears or its parameters change, and then every two seconds.
/// While the cluster does not answer, what was read last stays, with a word about it.
/// </summary>
public abstract class LiveView : ComponentBase, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private bool _started, _reading, _again;

    [Inject] internal BoardSession Session { get; set; } = null!;
    [Inject] internal NavigationManager Navigation { get; set; } = null!;
    [Inject] internal TimeProvider Time { get; set; } = null!;

    /// <summary>Whose eyes these are; current as of the last read.</summary>
    [CascadingParameter] public required Caller Caller { get; set; }

    /// <summary>Why what is shown is not current; null while it is.</summary>
    protected string? Trouble { get; private set; }

    /// <summary>Whether there has been a first answer.</summary>
    protected bool Loaded { get; private set; }

    protected CancellationToken Stop => _stop.Token;

    /// <summary>Reads what the view shows. May be called again before the view was drawn.</summary>
    protected abstract Task ReadAsync();

    protected sealed override async Task OnParametersSetAsync()
    {
        await RefreshAsync();
        if (_started)
            return;
        _started = true;
        _running = RunAsync();
    }

    /// <summary>Reads now.</summary>
    protected async Task RefreshAsync()
    {
        if (_reading)
        {
            // What was asked for has changed while the answer to what was asked before is on its way.
            _again = true;
            return;
        }
        _reading = true;
        try
        {
            do
            {
                _again = false;
                await Session.CallerAsync();
                await ReadAsync();
                (Trouble, Loaded) = (null, true);
            }
            while (_again);
        }
        catch (ProblemException problem)
        {
            Trouble = problem.Problem.Detail ?? problem.Problem.Code;
        }
        catch (SessionOverException)
        {
            Navigation.NavigateTo(BoardCookie.SignInPath, forceLoad: true);
        }
        catch (OperationCanceledException)
        {
            // The view was left.
        }
        finally
        {
            _reading = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Pause, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await RefreshAsync();
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The view was left.
        }
        catch (Exception error)
        {
            await DispatchExceptionAsync(error);
        }
    }
}
