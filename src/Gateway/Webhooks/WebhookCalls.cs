using System.Security.Cryptography;
using ShitOps.Gateway.Cluster;
using ShitOps.Gateway.Json;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Security;
using ShitOps.Grains;

namespace ShitOps.Gateway.Webhooks;

/// <summary>A team's webhook. Its secret is made and sealed here; nobody else sees it.</summary>
internal sealed class WebhookCalls(IGrainFactory grains, ClusterCalls calls, IBodyVault vault, TimeProvider time)
{
    /// <summary>Beyond it nobody waits for the outcome of a test: pushes give up after a minute at most.</summary>
    private static readonly TimeSpan TestWait = TimeSpan.FromSeconds(65);

    private sealed class Asked
    {
        public string? Url { get; set; }
        public bool Rotate { get; set; }
    }

    private static readonly FieldTable<Asked> Fields = new(
        ("url", static (ref r, a, f) => a.Url = JsonText.Text(ref r, "url", Limits.WebhookUrlLength, f)),
        ("rotateSecret", static (ref r, a, f) => a.Rotate = JsonText.Flag(ref r, "rotateSecret", f) ?? false));

    public async Task<IResult> PutAsync(string name, HttpContext http)
    {
        if (!IsOwn(name, http))
            return Known.NotFound;
        var asked = new Asked();
        var faults = new Faults();
        await JsonRequest.ReadAsync(http.Request, Fields, asked, faults);
        string? url = Address(asked.Url, faults);
        faults.ThrowIfAny();

        byte[] secret = RandomNumberGenerator.GetBytes(32);
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var command = new PutWebhook(url!, id, await vault.SealAsync(secret, id, 0, http.RequestAborted), asked.Rotate, http.Caller().Actor);
        PutWebhookReply reply = await calls.RetryAsync(() => grains.Webhook(name).Put(command), http.RequestAborted);
        return reply.Status switch
        {
            PutWebhookStatus.NoSuchTeam => Known.NotFound,
            PutWebhookStatus.Refused => new Problem(422, "address_refused", reply.Fault, [new("/url", "address_refused", reply.Fault!)]),
            PutWebhookStatus.Changed => Results.Json(WebhookResource.Of(name, reply.Webhook!, whole: true), GatewayJson.Default.WebhookResource),
            _ => Results.Json(WebhookWithSecret.Of(name, reply.Webhook!, "whsec_" + Convert.ToBase64String(secret)), GatewayJson.Default.WebhookWithSecret,
                statusCode: reply.Status == PutWebhookStatus.Created ? 201 : 200),
        };
    }

    public async Task<IResult> GetAsync(string name, HttpContext http)
    {
        if (!MayLook(name, http) || await calls.RetryAsync(() => grains.Webhook(name).Read(), http.RequestAborted) is not { } webhook)
            return Known.NotFound;
        return Results.Json(WebhookResource.Of(name, webhook, whole: IsOwn(name, http)), GatewayJson.Default.WebhookResource);
    }

    public async Task<IResult> RemoveAsync(string name, HttpContext http)
    {
        if (!MayLook(name, http))
            return Known.NotFound;
        int attempts = 0;
        bool removed = await calls.RetryAsync(() =>
        {
            attempts++;
            return grains.Webhook(name).Remove(http.Caller().Actor);
        }, http.RequestAborted);
        return removed || attempts > 1 ? Results.NoContent() : Known.NotFound;
    }

    public async Task<IResult> TestAsync(string name, HttpContext http)
    {
        if (!IsOwn(name, http))
            return Known.NotFound;
        var request = Guid.CreateVersion7(time.GetUtcNow());
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < TestWait)
        {
            WebhookTest test = await calls.RetryAsync(() => grains.Webhook(name).Test(request), http.RequestAborted);
            if (!test.Exists)
                return Known.NotFound;
            if (test.Result is { } result)
                return Results.Json(PushResource.Of(result), GatewayJson.Default.PushResource);
        }
        return Known.NoAnswer;
    }

    /// <summary>Only what can be seen without knowing the network; the rest is the silo's to judge.</summary>
    private static string? Address(string? text, Faults faults)
    {
        if (text is null)
        {
            if (!faults.Has("/url"))
                faults.Add("/url", "required", "'url' is needed.");
            return null;
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) && System.Text.Ascii.IsValid(uri.AbsoluteUri) && uri.AbsoluteUri.Length <= Limits.WebhookUrlLength)
            return uri.AbsoluteUri;
        faults.Add("/url", "bad_address", "'url' must be an absolute address such as https://example.org/hook; names in other scripts in their ASCII form.");
        return null;
    }

    private static bool IsOwn(string name, HttpContext http) => http.Caller().Team == name;

    private static bool MayLook(string name, HttpContext http) => TeamKey.IsName(name) && (http.Caller().Team ?? name) == name;
}
