using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace ShitOps.Gateway.OpenApi;

/// <summary>The API's description at <c>/openapi/v1.json</c> and its reference at <c>/docs</c>, both open to anyone and without a foreign host.</summary>
internal static class ApiDescription
{
    private const string Bearer = "key";

    public static IServiceCollection AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer(DescribeAsync);
            options.AddOperationTransformer(CompleteAsync);
            options.AddSchemaTransformer(TypeTimesAsync);
        });

    public static IEndpointRouteBuilder MapApiDescription(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        routes.MapScalarApiReference("/docs", options => options.WithTitle("ShitOps.Orleans API").WithOpenApiRoutePattern("/openapi/v1.json").DisableDefaultFonts())
            .AllowAnonymous()
            .AddEndpointFilter(static async (context, next) =>
            {
                context.HttpContext.Response.Headers.ContentSecurityPolicy =
                    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
                    + "connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'";
                return await next(context);
            });
        return routes;
    }

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken stop)
    {
        document.Info.Title = "ShitOps.Orleans";
        document.Info.Version = "1";
        document.Info.Description = "Messages of an organisation's teams. Errors are application/problem+json (RFC 9457) with a stable code.";
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A team, operator or security key.",
        };
        return Task.CompletedTask;
    }

    private static Task CompleteAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken stop)
    {
        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        AddParameters(operation, metadata.OfType<TakenParameters>().SelectMany(t => t.Names), ParameterLocation.Query);
        AddParameters(operation, metadata.OfType<TakenHeaders>().SelectMany(t => t.Names), ParameterLocation.Header);
        if (metadata.OfType<Microsoft.AspNetCore.Authorization.IAllowAnonymous>().Any())
            return Task.CompletedTask;
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        return Task.CompletedTask;
    }

    /// <summary>A converter of our own hides from the generator that a time is text.</summary>
    private static Task TypeTimesAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken stop)
    {
        Type type = context.JsonTypeInfo.Type;
        if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
            schema.Type = type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        return Task.CompletedTask;
    }

    private static void AddParameters(OpenApiOperation operation, IEnumerable<string> names, ParameterLocation place)
    {
        foreach (string name in names)
        {
            operation.Parameters!.Add(new OpenApiParameter
            {
                Name = name,
                In = place,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }
}
