using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>A value for a parameter of a <see cref="PreparedCommand"/>.</summary>
internal sealed class PreparedParameter : DbParameter
{
    public override DbType DbType { get; set; }

    public override ParameterDirection Direction { get; set; } = ParameterDirection.Input;

    public override bool IsNullable { get; set; }

    /// <summary>Without the <c>@</c>.</summary>
    [AllowNull]
    public override string ParameterName { get; set; } = "";

    public override int Size { get; set; }

    [AllowNull]
    public override string SourceColumn { get; set; } = "";

    public override bool SourceColumnNullMapping { get; set; }

    public override object? Value { get; set; }

    public override void ResetDbType() => DbType = default;

    /// <summary>As it was when it was new.</summary>
    public void Reset()
    {
        (DbType, Direction, IsNullable, Size) = (default, ParameterDirection.Input, false, 0);
        (ParameterName, SourceColumn, SourceColumnNullMapping, Value) = ("", "", false, null);
    }
}

/// <summary>The parameters of a <see cref="PreparedCommand"/>, a dozen at most, so that a search is as quick as an index.</summary>
internal sealed class PreparedParameters : DbParameterCollection
{
    private readonly List<PreparedParameter> _items = [];
    private readonly Stack<PreparedParameter> _spare = [];

    public override int Count => _items.Count;

    public override object SyncRoot => _items;

    /// <exception cref="InvalidOperationException">The command has no such parameter.</exception>
    public object? ValueOf(string name)
    {
        foreach (var item in _items)
        {
            if (string.Equals(item.ParameterName, name, StringComparison.OrdinalIgnoreCase)) return item.Value;
        }

        throw new InvalidOperationException($"The command has no parameter @{name}.");
    }

    public override int Add(object value)
    {
        _items.Add((PreparedParameter)value);
        return _items.Count - 1;
    }

    public override void AddRange(Array values)
    {
        foreach (var value in values) Add(value);
    }

    /// <summary>What is in it goes to those that can be used again.</summary>
    public override void Clear()
    {
        foreach (var item in _items)
        {
            item.Reset();
            _spare.Push(item);
        }

        _items.Clear();
    }

    /// <summary>One that is not in it.</summary>
    public PreparedParameter Spare() => _spare.TryPop(out var spare) ? spare : new PreparedParameter();

    public override bool Contains(object value) => IndexOf(value) >= 0;

    public override bool Contains(string value) => IndexOf(value) >= 0;

    public override void CopyTo(Array array, int index) => ((ICollection)_items).CopyTo(array, index);

    public override IEnumerator GetEnumerator() => _items.GetEnumerator();

    public override int IndexOf(object value) => _items.IndexOf((PreparedParameter)value);

    public override int IndexOf(string parameterName) =>
        _items.FindIndex(item => string.Equals(item.ParameterName, parameterName, StringComparison.OrdinalIgnoreCase));

    public override void Insert(int index, object value) => _items.Insert(index, (PreparedParameter)value);

    public override void Remove(object value) => _items.Remove((PreparedParameter)value);

    public override void RemoveAt(int index) => _items.RemoveAt(index);

    public override void RemoveAt(string parameterName) => _items.RemoveAt(IndexOf(parameterName));

    protected override DbParameter GetParameter(int index) => _items[index];

    protected override DbParameter GetParameter(string parameterName) => _items[IndexOf(parameterName)];

    protected override void SetParameter(int index, DbParameter value) => _items[index] = (PreparedParameter)value;

    protected override void SetParameter(string parameterName, DbParameter value) => _items[IndexOf(parameterName)] = (PreparedParameter)value;
}
