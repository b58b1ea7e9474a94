using System.Text;
using FluentValidation;
using FluentValidation.Results;
using MediatR;
using PaymentSim.Core.Expansion;

namespace PaymentSim.Core.Pipeline;

/// <summary>Turns the first failed rule into one <see cref="ProblemException"/> that names the parameter.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        foreach (var validator in validators)
        {
            var result = validator.Validate(request);
            if (!result.IsValid) throw new ProblemException(ToProblem(result.Errors[0]));
        }

        if (request is IExpands { Expand: { Count: > 0 } paths }) ExpandPaths.Check(ExpandedAnswer.TypeIn(typeof(TResponse)), paths);
        return next();
    }

    private static Problem ToProblem(ValidationFailure failure) => failure.CustomState as Problem
        ?? Problem.Invalid(
            failure.ErrorMessage,
            ParameterName.Of(failure.PropertyName),
            Enum.TryParse<ProblemCode>(failure.ErrorCode, out var code) ? code : null);
}

/// <summary>The rules' vocabulary for error codes.</summary>
internal static class RuleExtensions
{
    public static IRuleBuilderOptions<T, TProperty> WithCode<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, ProblemCode code) =>
        rule.WithErrorCode(code.ToString());
}

/// <summary>Names of properties as the wire spells them.</summary>
public static class ParameterName
{
    /// <summary><c>StatementDescriptor</c> → <c>statement_descriptor</c>, <c>EnabledEvents[0]</c> → <c>enabled_events[0]</c>, <c>A.B</c> → <c>a[b]</c>.</summary>
    public static string Of(string property)
    {
        var text = new StringBuilder(property.Length + 8);
        var nested = false;
        foreach (var c in property)
        {
            if (c == '.')
            {
                if (nested) text.Append(']');
                text.Append('[');
                nested = true;
            }
            else if (char.IsAsciiLetterUpper(c))
            {
                if (text.Length > 0 && text[^1] is not ('[' or '_')) text.Append('_');
                text.Append(char.ToLowerInvariant(c));
            }
            else
            {
                text.Append(c);
            }
        }

        return (nested ? text.Append(']') : text).ToString();
    }
}
