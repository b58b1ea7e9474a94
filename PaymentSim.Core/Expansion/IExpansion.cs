namespace PaymentSim.Core.Expansion;

/// <summary>Finds the objects of one kind that take the place of their ids.</summary>
internal interface IExpansion
{
    /// <summary>The wire object's type.</summary>
    Type Kind { get; }

    /// <summary>What these ids name, in one query; those that name nothing of this merchant's are left out.</summary>
    Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids);
}
