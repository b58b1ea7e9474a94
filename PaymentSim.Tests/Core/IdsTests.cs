using PaymentSim.Core;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core;

public sealed class IdsTests
{
    private readonly ManualClock _clock = new();
    private readonly Ids _ids;

    public IdsTests() => _ids = new Ids(_clock, new Randomness(1));

    [Theory]
    [InlineData("ch")]
    [InlineData("evt")]
    [InlineData("acct")]
    public void An_id_is_its_prefix_and_22_letters_or_digits(string prefix) => _ids.New(prefix).ShouldMatch($"^{prefix}_[0-9A-Za-z]{{22}}$");

    [Fact]
    public void An_id_says_when_it_was_made()
    {
        _clock.Advance(TimeSpan.FromMilliseconds(1234));

        Ids.TimeOf(_ids.New("ch")).ShouldBe(_clock.GetUtcNow());
    }

    [Theory]
    [InlineData("")]
    [InlineData("ch_")]
    [InlineData("ch_1")]
    [InlineData("ch_{made}00000000001")]
    [InlineData("ch_!!!!!!!!!!!!!!!!!!!!!!")]
    public void Other_texts_say_nothing_of_a_time(string text) => Ids.TimeOf(text).ShouldBeNull();

    [Fact]
    public void Ids_of_one_millisecond_sort_by_age_even_beyond_the_sequences_16_bits()
    {
        var ids = Enumerable.Range(0, 70_000).Select(_ => _ids.New("ch")).ToList();

        Increases(ids);
    }

    [Fact]
    public void The_newest_id_sorts_last_across_years()
    {
        var ids = new List<string>();
        foreach (var step in new[] { 1, 1, 1_000, 60_000, 86_400_000, 365L * 86_400_000, 20 * 365L * 86_400_000 })
        {
            ids.Add(_ids.New("ch"));
            _clock.Advance(TimeSpan.FromMilliseconds(step));
        }

        ids.Add(_ids.New("ch"));
        Increases(ids);
    }

    [Fact]
    public void Ids_increase_while_the_clock_steps_back()
    {
        var ids = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add(_ids.New("ch"));
            _clock.Advance(i % 2 == 0 ? TimeSpan.FromMinutes(-10) : TimeSpan.FromMinutes(3));
        }

        Increases(ids);
    }

    [Fact]
    public void Ids_from_eight_threads_are_distinct_and_increase_for_each_of_them()
    {
        using var together = new Barrier(8);
        var lists = Enumerable.Range(0, 8).Select(_ => new List<string>()).ToArray();
        var threads = lists.Select(list => new Thread(() =>
        {
            together.SignalAndWait();
            for (var i = 0; i < 10_000; i++) list.Add(_ids.New("ch"));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        foreach (var list in lists) Increases(list);
        lists.SelectMany(list => list).Select(id => id[..14]).Distinct().Count().ShouldBe(80_000, "time and sequence number alone are unique");
    }

    [Fact]
    public void A_floor_divides_the_ids_made_before_a_time_from_those_made_since()
    {
        var before = _ids.New("ch");
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var floor = Ids.Floor("ch", _clock.GetUtcNow());
        var since = _ids.New("ch");

        string.CompareOrdinal(before, floor).ShouldBeLessThan(0);
        string.CompareOrdinal(floor, since).ShouldBeLessThan(0);
    }

    [Fact]
    public void A_floor_before_1970_is_below_every_id() =>
        string.CompareOrdinal(Ids.Floor("ch", DateTimeOffset.MinValue), _ids.New("ch")).ShouldBeLessThan(0);

    [Fact]
    public void With_the_same_seed_and_clock_the_same_ids_come_again()
    {
        var again = new Ids(new ManualClock(), new Randomness(1));

        again.New("ch").ShouldBe(_ids.New("ch"));
        new Ids(new ManualClock(), new Randomness(2)).New("ch").ShouldNotBe(new Ids(new ManualClock(), new Randomness(1)).New("ch"));
    }

    [Fact]
    public void A_secret_has_its_length_and_is_never_the_same()
    {
        var secrets = Enumerable.Range(0, 1000).Select(_ => Ids.Secret(40)).ToList();

        secrets.ShouldAllBe(secret => secret.Length == 40 && secret.All(char.IsAsciiLetterOrDigit));
        secrets.Distinct().Count().ShouldBe(1000);
    }

    private static void Increases(List<string> ids)
    {
        for (var i = 1; i < ids.Count; i++)
        {
            if (string.CompareOrdinal(ids[i - 1], ids[i]) >= 0) Assert.Fail($"{ids[i]} came after {ids[i - 1]} but does not sort after it");
        }
    }
}
