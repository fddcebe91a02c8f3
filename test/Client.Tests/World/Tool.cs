using System.Diagnostics;
using System.Text.Json;
using ShitOps.TestKit.Cluster;

namespace ShitOps.Client.Tests.World;

/// <summary>The shitops command as it was built, run as a process.</summary>
internal sealed class Tool(Uri? address, string? key)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static string Path { get; } = BuiltPrograms.Find("Cli");

    public Dictionary<string, string?> Environment { get; } = new()
    {
        ["SHITOPS_URL"] = address?.ToString(),
        ["SHITOPS_KEY"] = key,
        ["SHITOPS_KEY_FILE"] = null,
        ["SHITOPS_SECRETS"] = null,
        ["ConnectionStrings__ShitOps"] = null,
        ["Antivirus__Endpoints__0"] = null,
        ["Elastic__Url"] = null,
        ["NO_COLOR"] = "1",
    };

    public sealed record Result(int Code, string Out, string Error)
    {
        public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        /// <summary>One JSON object a line.</summary>
        public JsonElement[] Json => [.. Lines.Select(line => JsonElement.Parse(line))];

        public override string ToString() => $"exit code {Code}\n{Out}{Error}";
    }

    public Tool With(string name, string? value)
    {
        var other = new Tool(address, key);
        foreach ((string known, string? set) in Environment)
            other.Environment[known] = set;
        other.Environment[name] = value;
        return other;
    }

    public Task<Result> RunAsync(params string[] arguments) => RunAsync(null, arguments);

    /// <param name="input">Standard input, closed after it.</param>
    public async Task<Result> RunAsync(byte[]? input, string[] arguments)
    {
        using Process process = Start(arguments);
        if (input is not null)
            await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> told = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new TimeoutException($"shitops {string.Join(' ', arguments)} did not end:\n{await told}{await errors}");
        }
        return new(process.ExitCode, await told, await errors);
    }

    /// <summary>Runs, and ends with 0.</summary>
    public async Task<Result> DoAsync(params string[] arguments)
    {
        Result result = await RunAsync(arguments);
        Assert.True(result.Code == 0, $"shitops {string.Join(' ', arguments)}: {result}");
        return result;
    }

    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
