using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;

namespace ShitOps.Client.Http;

/// <summary>Makes calls, again where that is worth it, and turns every refusal into <see cref="ShitOpsException"/>.</summary>
internal sealed class Calls(HttpClient http, ShitOpsClientOptions options)
{
    private readonly Uri _root = RootOf(http.BaseAddress ?? options.Address);
    private readonly ResiliencePipeline _retry = Retrying.Build(options);

    /// <exception cref="ShitOpsException">The API refused, at last.</exception>
    /// <exception cref="HttpRequestException">No connection, at last.</exception>
    /// <exception cref="TimeoutException">No answer in time, at last.</exception>
    public Task<T> ReadAsync<T>(Call call, JsonTypeInfo<T> type, CancellationToken stop) =>
        SendAsync(call, async (response, until) => await response.Content.ReadFromJsonAsync(type, until).ConfigureAwait(false)
            ?? throw new InvalidDataException($"{call} answered null"), null, stop);

    /// <summary>As above; where an earlier attempt may have been done unseen, a refusal is given to <paramref name="seen"/>, whose answer counts if it has one.</summary>
    public async Task<T> ReadOnceAsync<T>(Call call, JsonTypeInfo<T> type, Func<ShitOpsException, Task<T?>> seen, CancellationToken stop) where T : class
    {
        var doubt = new Doubt();
        try
        {
            return await SendAsync(call, async (response, until) => await response.Content.ReadFromJsonAsync(type, until).ConfigureAwait(false)
                ?? throw new InvalidDataException($"{call} answered null"), doubt, stop).ConfigureAwait(false);
        }
        catch (ShitOpsException refused) when (doubt.Any && refused.Status == 409)
        {
            if (await seen(refused).ConfigureAwait(false) is { } done)
                return done;
            throw;
        }
    }

    public Task<byte[]> BytesAsync(Call call, CancellationToken stop) =>
        SendAsync(call, static (response, until) => response.Content.ReadAsByteArrayAsync(until), null, stop);

    public Task<T> SendAsync<T>(Call call, Func<HttpResponseMessage, CancellationToken, Task<T>> read, Doubt? doubt, CancellationToken stop) =>
        RetryAsync(until => OnceAsync(call, read, doubt, until), stop);

    public async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> once, CancellationToken stop) =>
        await _retry.ExecuteAsync(static async (once, stop) => await once(stop).ConfigureAwait(false), once, stop).ConfigureAwait(false);

    /// <summary>One attempt.</summary>
    /// <param name="takes">A status that is an answer, too.</param>
    public async Task<T> OnceAsync<T>(
        Call call, Func<HttpResponseMessage, CancellationToken, Task<T>> read, Doubt? doubt, CancellationToken stop, int takes = 0)
    {
        using var limit = new CancellationTokenSource(options.AttemptTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        using HttpRequestMessage request = call.ToRequest(_root, options.Key);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode || (int)response.StatusCode == takes
                ? await read(response, either.Token).ConfigureAwait(false)
                : throw await ShitOpsException.OfAsync(call.ToString(), response, options.Time, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
        {
            doubt?.Rise();
            throw new TimeoutException($"{call}: no answer in time", error);
        }
        catch (Exception error) when (Retrying.LeavesDoubt(error))
        {
            doubt?.Rise();
            throw;
        }
    }

    /// <summary>An answer whose body is read as it comes: the attempt's time ends with the headers.</summary>
    public Task<HttpResponseMessage> OpenAsync(Call call, CancellationToken stop) => RetryAsync(
        async until =>
        {
            using var limit = new CancellationTokenSource(options.AttemptTimeout, options.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(until, limit.Token);
            using HttpRequestMessage request = call.ToRequest(_root, options.Key);
            try
            {
                HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                    return response;
                using (response)
                    throw await ShitOpsException.OfAsync(call.ToString(), response, options.Time, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException error) when (!until.IsCancellationRequested)
            {
                throw new TimeoutException($"{call}: no answer in time", error);
            }
        },
        stop);

    /// <summary>An address may have a path of its own, behind a proxy.</summary>
    private static Uri RootOf(Uri address) => address.AbsolutePath.EndsWith('/') ? address : new Uri(address.GetLeftPart(UriPartial.Path) + "/");
}

/// <summary>Whether an attempt may have been done although no answer says so.</summary>
internal sealed class Doubt
{
    public bool Any { get; private set; }

    public void Rise() => Any = true;
}
