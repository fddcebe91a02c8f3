using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using ShitOps.Hosting.Configuration;
using ShitOps.TestKit;

namespace ShitOps.Hosting.Tests.Configuration;

public sealed class SecretFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_the_setting_of_its_name_without_the_end_of_its_line()
    {
        Write("ConnectionStrings__ShitOps", "Server=mysql;Password=hunter2\n");
        Write("SHITOPS_OPERATOR_KEY", "0123456789abcdef");
        WebApplicationBuilder builder = Build();
        Assert.Equal("Server=mysql;Password=hunter2", builder.Configuration["ConnectionStrings:ShitOps"]);
        Assert.Equal("0123456789abcdef", builder.Configuration["SHITOPS_OPERATOR_KEY"]);
    }

    [Fact]
    public void Files_win_over_appsettings_and_the_command_line_over_files()
    {
        File.WriteAllText(_folder.File("appsettings.json"), """{ "Cluster": { "Id": "settings", "SiloPort": 1 } }""");
        Write("Cluster__Id", "file");
        Write("Cluster__SiloPort", "2");
        WebApplicationBuilder builder = Build("--Cluster:SiloPort=3");
        Assert.Equal(("file", "3"), (builder.Configuration["Cluster:Id"], builder.Configuration["Cluster:SiloPort"]));
    }

    [Fact]
    public void The_environment_wins_over_files()
    {
        string name = "Zoo__" + Guid.NewGuid().ToString("N");
        Write(name, "file");
        Environment.SetEnvironmentVariable(name, "environment");
        try
        {
            Assert.Equal("environment", Build().Configuration[name.Replace("__", ":", StringComparison.Ordinal)]);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Fact]
    public void What_the_orchestrator_keeps_beside_them_is_not_read()
    {
        Write("..data", "theirs");
        Assert.DoesNotContain(((IConfiguration)Build().Configuration).AsEnumerable(), setting => setting.Value == "theirs");
    }

    [Fact]
    public async Task A_folder_that_is_not_there_refuses_the_start()
    {
        int code = await Startup.RunAsync(() => Build().Build());
        Assert.Equal(Startup.ConfigurationFault, code);
    }

    private void Write(string name, string text) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_folder.File("secrets")).FullName, name), text);

    private WebApplicationBuilder Build(params string[] arguments)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = _folder.Path,
            Args = [$"--{SecretFiles.FolderSetting}=secrets", .. arguments],
        });
        return builder.UseSecretFiles();
    }
}
