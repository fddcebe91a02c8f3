namespace ShitOps.Chaos.Run;

internal static class Command
{
    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public static async Task RunAsync(string file, params string[] arguments)
    {
        await using ServerProcess program = ServerProcess.Start(file, file, arguments);
        await program.WaitForExitAsync();
        if (program.ExitCode != 0)
            throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {program.ExitCode}: {program.Output}");
    }
}
