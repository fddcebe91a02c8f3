using System.Globalization;

namespace ShitOps.Cli.Doctor;

/// <summary>
/// What to look at: given as options, or as silos and gateways are given it, by the same variables of the environment and
/// files of the folder SHITOPS_SECRETS.
/// </summary>
internal sealed record DoctorSettings(string? Database, IReadOnlyList<string> Clamd, Uri? Elastic, string? ElasticAuthorization)
{
    public const string DatabaseVariable = "ConnectionStrings__ShitOps", ClamdVariable = "Antivirus__Endpoints__", ElasticVariable = "Elastic__Url";

    /// <exception cref="UsageException">An address that is none.</exception>
    public static DoctorSettings Read(Func<string, string?> variable, string? database, string[] clamd, string? elastic)
    {
        string? Setting(string name) => variable(name) ?? (variable("SHITOPS_SECRETS") is { } folder && File.Exists(Path.Combine(folder, name))
            ? Files.Text(Path.Combine(folder, name)).Trim()
            : null);
        var endpoints = new List<string>(clamd);
        for (int i = 0; clamd.Length == 0 && Setting(ClamdVariable + i.ToString(CultureInfo.InvariantCulture)) is { } endpoint; i++)
            endpoints.Add(endpoint);
        Uri? url = null;
        if ((elastic ?? Setting(ElasticVariable)) is { } text && (!Uri.TryCreate(text, UriKind.Absolute, out url) || url.Scheme is not ("http" or "https")))
            throw new UsageException($"'{text}' is no http or https address (--elastic or {ElasticVariable})");
        return new(database ?? Setting(DatabaseVariable), endpoints, url, Authorization(Setting("Elastic__ApiKey"), Setting("Elastic__Username"), Setting("Elastic__Password")));
    }

    private static string? Authorization(string? apiKey, string? user, string? password) =>
        apiKey is not null ? "ApiKey " + apiKey
        : user is not null ? "Basic " + Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}"))
        : null;
}
