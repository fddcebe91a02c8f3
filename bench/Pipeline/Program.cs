using ShitOps.Bench;

return await BenchCommand.Create((options, stop) => new Bench(options).RunAsync(stop)).Parse(args).InvokeAsync();
