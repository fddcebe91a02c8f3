using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using ShitOps.Grains;

namespace ShitOps.Gateway.Security;

/// <summary>Who may call what. A route without a policy is closed to everybody.</summary>
internal static class Policies
{
    public const string
        Team = "team",
        Operator = "operator",
        Security = "security",
        OperatorOrSecurity = "operator-or-security",
        TeamOrOperator = "team-or-operator",
        Anyone = "any-key",
        Board = "board";

    public static IServiceCollection AddKeys(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(new ConfiguredKeys(configuration));
        services.AddSingleton<KeyCache>().AddSingleton<Keys>();
        services.AddHostedService<FirstKeys>();
        services.AddAuthentication(BearerKeys.Scheme).AddScheme<AuthenticationSchemeOptions, BearerKeys>(BearerKeys.Scheme, null)
            .AddBoardCookie();
        services.AddSingleton<IGuessAlarm, GuessAlarm>().AddSingleton<GuessGuard>().AddSingleton<ClientAddress>().AddSingleton<EndedSessions>();
        services.AddAuthorizationBuilder()
            .AddPolicy(Team, Of(Role.Team))
            .AddPolicy(Operator, Of(Role.Operator))
            .AddPolicy(Security, Of(Role.Security))
            .AddPolicy(OperatorOrSecurity, Of(Role.Operator, Role.Security))
            .AddPolicy(TeamOrOperator, Of(Role.Team, Role.Operator))
            .AddPolicy(Anyone, Of(Role.Team, Role.Operator, Role.Security))
            // A cookie opens the board and nothing else: no call of the API can be made with what a browser sends along by itself.
            .AddPolicy(Board, new AuthorizationPolicyBuilder(BoardCookie.Scheme).RequireAuthenticatedUser().Build())
            // What no route matched goes on to its 404 or 405 for whoever has a key; a route that forgot its policy is denied.
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser()
                .RequireAssertion(context => context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint).Build());
        return services;
    }

    private static AuthorizationPolicy Of(params Role[] roles) =>
        new AuthorizationPolicyBuilder().RequireAssertion(context => context.User is Caller caller && roles.Contains(caller.Role)).Build();
}
