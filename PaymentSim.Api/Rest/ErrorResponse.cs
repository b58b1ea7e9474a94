using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core;

namespace PaymentSim.Api.Rest;

/// <summary>The one shape of errors on the wire.</summary>
public sealed record ErrorResponse(ErrorBody Error)
{
    internal static ErrorResponse Of(Problem problem) => new(new ErrorBody
    {
        Type = problem.Kind switch
        {
            ProblemKind.Card => "card_error",
            ProblemKind.Idempotency => "idempotency_error",
            ProblemKind.Api or ProblemKind.Unavailable => "api_error",
            _ => "invalid_request_error",
        },
        Code = problem.Code?.Wire(),
        DeclineCode = problem.DeclineCode,
        Message = problem.Message,
        Param = problem.Param,
        Charge = problem.Charge,
    });

    internal static int StatusOf(ProblemKind kind) => kind switch
    {
        ProblemKind.InvalidRequest or ProblemKind.Idempotency => StatusCodes.Status400BadRequest,
        ProblemKind.Unauthorized => StatusCodes.Status401Unauthorized,
        ProblemKind.Card => StatusCodes.Status402PaymentRequired,
        ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.RateLimit => StatusCodes.Status429TooManyRequests,
        ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    internal static ObjectResult ToResult(Problem problem) => new(Of(problem)) { StatusCode = StatusOf(problem.Kind) };

    internal static Task WriteAsync(HttpContext http, Problem problem, int? status = null)
    {
        http.Response.StatusCode = status ?? StatusOf(problem.Kind);
        return http.Response.WriteAsJsonAsync(Of(problem), CoreJson.Options, http.RequestAborted);
    }
}

/// <summary>What went wrong; members that do not apply are left out.</summary>
public sealed record ErrorBody
{
    /// <summary><c>api_error</c>, <c>card_error</c>, <c>idempotency_error</c> or <c>invalid_request_error</c>.</summary>
    public required string Type { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DeclineCode { get; init; }

    public required string Message { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Param { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Charge { get; init; }
}
