using Microsoft.AspNetCore.Http;
using Serilog.Events;
using ShitOps.Hosting.Logging;

namespace ShitOps.Hosting.Tests.Logging;

public sealed class RequestLevelTests
{
    [Theory]
    [InlineData("/v1/messages", 202, LogEventLevel.Debug)]
    [InlineData("/v1/messages", 404, LogEventLevel.Information)]
    [InlineData("/v1/messages", 503, LogEventLevel.Warning)]
    [InlineData("/v1/messages", 500, LogEventLevel.Error)]
    [InlineData("/health/ready", 200, LogEventLevel.Debug)]
    [InlineData("/health/ready", 503, LogEventLevel.Debug)]
    [InlineData("/health/live", 500, LogEventLevel.Error)]
    [InlineData("/healthy", 503, LogEventLevel.Warning)]
    public void A_request_is_logged_by_what_it_was_answered_and_a_health_check_fills_no_log(string path, int status, LogEventLevel level)
    {
        var context = new DefaultHttpContext();
        (context.Request.Path, context.Response.StatusCode) = (path, status);
        Assert.Equal(level, LoggingRegistration.LevelOf(context, null));
    }

    [Fact]
    public void What_was_thrown_is_an_error_wherever() =>
        Assert.Equal(LogEventLevel.Error, LoggingRegistration.LevelOf(new DefaultHttpContext { Request = { Path = "/health/ready" } }, new IOException()));
}
