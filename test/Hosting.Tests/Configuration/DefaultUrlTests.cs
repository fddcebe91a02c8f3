using Microsoft.AspNetCore.Builder;
using ShitOps.Hosting.Configuration;
using ShitOps.TestKit;

namespace ShitOps.Hosting.Tests.Configuration;

public sealed class DefaultUrlTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_program_listens_at_its_default_unless_told_otherwise(bool told)
    {
        string byDefault = $"http://127.0.0.1:{Loopback.FreePort()}", other = $"http://127.0.0.1:{Loopback.FreePort()}";
        WebApplicationBuilder builder = WebApplication.CreateBuilder(told ? ["--urls", other] : []);
        builder.UseDefaultUrl(byDefault);
        await using WebApplication app = builder.Build();
        await app.StartAsync();
        Assert.Equal([told ? other : byDefault], app.Urls);
        await app.StopAsync();
    }
}
