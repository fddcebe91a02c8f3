using System.Buffers.Text;
using System.Security.Cryptography;
using ShitOps.Grains;

namespace ShitOps.Gateway.Security;

/// <summary>A key just made: <c>sho_</c> and 32 random bytes in base64url. Shown once, stored as its hash.</summary>
internal sealed record NewKey(Guid Id, string Text)
{
    public static NewKey Make(TimeProvider time) =>
        new(Guid.CreateVersion7(time.GetUtcNow()), "sho_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    public NewAccessKey Stored => new(Id, KeyHash.Of(Text).ToBytes());
}
