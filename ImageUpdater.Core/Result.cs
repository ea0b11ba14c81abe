using System.Diagnostics.CodeAnalysis;

namespace ImageUpdater.Core;

/// <summary>A value, or the reason why there is none. Used for expected failures; exceptions are for bugs and cancellation.</summary>
public readonly struct Result<TValue, TFailure>
    where TValue : class
    where TFailure : class
{
    private Result(TValue? value, TFailure? failure)
    {
        Value = value;
        Failure = failure;
    }

    public TValue? Value { get; }

    public TFailure? Failure { get; }

    public static implicit operator Result<TValue, TFailure>(TValue value) => new(value, failure: null);

    public static implicit operator Result<TValue, TFailure>(TFailure failure) => new(value: null, failure);

    public bool IsSuccess([NotNullWhen(true)] out TValue? value, [NotNullWhen(false)] out TFailure? failure)
    {
        value = Value;
        failure = Failure;
        return value is not null;
    }
}
