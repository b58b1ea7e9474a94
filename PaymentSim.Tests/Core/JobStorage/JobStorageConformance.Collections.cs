namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Sets, hashes, lists and counters.</summary>
public abstract partial class JobStorageConformance
{
    [SkippableFact]
    public virtual void A_set_is_ordered_by_score_and_its_ranges_are_inclusive()
    {
        Write(transaction =>
        {
            transaction.AddToSet("s", "c", 3.5);
            transaction.AddToSet("s", "a", -1.25);
            transaction.AddToSet("s", "b", 2);
            transaction.AddToSet("s", "b", 2.75);
            transaction.AddToSet("other", "x", 0);
        });

        Connection.GetAllItemsFromSet("s").ShouldBe(["a", "b", "c"], ignoreOrder: true);
        Connection.GetRangeFromSet("s", 0, 1).ShouldBe(["a", "b"]);
        Connection.GetRangeFromSet("s", 1, 100).ShouldBe(["b", "c"]);
        Connection.GetRangeFromSet("s", 3, 5).ShouldBeEmpty();
        Connection.GetRangeFromSet("missing", 0, 5).ShouldBeEmpty();
        Connection.GetFirstByLowestScoreFromSet("s", -10, 10).ShouldBe("a");
        Connection.GetFirstByLowestScoreFromSet("s", 2.75, 2.75).ShouldBe("b");
        Connection.GetFirstByLowestScoreFromSet("s", 3.6, 10).ShouldBeNull();
        Connection.GetFirstByLowestScoreFromSet("missing", 0, 10).ShouldBeNull();
        (Connection.GetSetCount("s"), Connection.GetSetCount("missing")).ShouldBe((3, 0));
    }

    [SkippableFact]
    public virtual void The_lowest_come_in_batches()
    {
        Write(transaction =>
        {
            for (var i = 0; i < 10; i++) transaction.AddToSet("s", $"v{i}", i);
        });

        Connection.GetFirstByLowestScoreFromSet("s", 2, 8, 3).ShouldBe(["v2", "v3", "v4"]);
        Connection.GetFirstByLowestScoreFromSet("s", 8, 100, 1000).ShouldBe(["v8", "v9"]);
        Connection.GetFirstByLowestScoreFromSet("missing", 0, 1, 5).ShouldBeEmpty();
    }

    [SkippableFact]
    public virtual void Impossible_ranges_are_refused()
    {
        Refused("key", () => Connection.GetFirstByLowestScoreFromSet(null, 0, 1, 5));
        Should.Throw<ArgumentException>(() => Connection.GetFirstByLowestScoreFromSet("s", 1, 0)).ParamName.ShouldBe("toScore");
        Should.Throw<ArgumentException>(() => Connection.GetFirstByLowestScoreFromSet("s", 1, 0, 5)).ParamName.ShouldBe("toScore");
        Should.Throw<ArgumentException>(() => Connection.GetFirstByLowestScoreFromSet("s", 0, 1, 0)).ParamName.ShouldBe("count");
        Should.Throw<ArgumentException>(() => Connection.GetSetCount(["s"], -1)).ParamName.ShouldBe("limit");
    }

    [SkippableFact]
    public virtual void A_range_is_added_to_a_set_that_has_part_of_it()
    {
        Write(transaction => transaction.AddToSet("s", "b", 5));

        Write(transaction => transaction.AddRangeToSet("s", ["a", "b", "c", "c"]));
        Write(transaction => transaction.AddRangeToSet("s", []));

        Connection.GetAllItemsFromSet("s").ShouldBe(["a", "b", "c"], ignoreOrder: true);
        Should.Throw<ArgumentException>(() => NewTransaction().AddRangeToSet("s", ["a", null]));
    }

    [SkippableFact]
    public virtual void A_set_says_what_it_holds_and_counts_to_a_limit()
    {
        Write(transaction =>
        {
            transaction.AddRangeToSet("s", ["a", "b", "c"]);
            transaction.AddRangeToSet("t", ["a", "b"]);
            transaction.RemoveFromSet("s", "c");
            transaction.RemoveFromSet("s", "missing");
        });

        (Connection.GetSetContains("s", "a"), Connection.GetSetContains("s", "c"), Connection.GetSetContains("missing", "a")).ShouldBe((true, false, false));
        Connection.GetSetCount(["s", "t", "missing"], 100).ShouldBe(4);
        Connection.GetSetCount(["s", "t"], 3).ShouldBe(3);
        Connection.GetSetCount(["s", "t"], 0).ShouldBe(0);
        Write(transaction => transaction.RemoveSet("s"));
        Connection.GetAllItemsFromSet("s").ShouldBeEmpty();
    }

    [SkippableFact]
    public virtual void A_hash_takes_replaces_and_loses_fields()
    {
        Connection.SetRangeInHash("h", [KeyValuePair.Create("a", "1"), KeyValuePair.Create("b", "2")]);
        Write(transaction => transaction.SetRangeInHash("h", [KeyValuePair.Create("b", "3"), KeyValuePair.Create("c", "Žofie 💳")]));

        Connection.GetAllEntriesFromHash("h").ShouldBe(new Dictionary<string, string> { ["a"] = "1", ["b"] = "3", ["c"] = "Žofie 💳" }, ignoreOrder: true);
        (Connection.GetValueFromHash("h", "b"), Connection.GetValueFromHash("h", "x"), Connection.GetHashCount("h")).ShouldBe(("3", null, 3));
        Write(transaction => transaction.RemoveHash("h"));
        (Connection.GetAllEntriesFromHash("h"), Connection.GetHashCount("h"), Connection.GetValueFromHash("h", "a")).ShouldBe((null, 0, null));
        Connection.GetAllEntriesFromHash("missing").ShouldBeNull();
    }

    [SkippableFact]
    public virtual void Upper_and_lower_case_are_different()
    {
        Write(transaction =>
        {
            transaction.SetRangeInHash("h", [KeyValuePair.Create("Field", "1"), KeyValuePair.Create("field", "2")]);
            transaction.AddRangeToSet("s", ["Value", "value"]);
            transaction.IncrementCounter("Key");
        });

        (Connection.GetHashCount("h"), Connection.GetValueFromHash("h", "Field"), Connection.GetValueFromHash("h", "field")).ShouldBe((2, "1", "2"));
        (Connection.GetSetCount("s"), Connection.GetSetContains("s", "VALUE")).ShouldBe((2, false));
        (Connection.GetCounter("Key"), Connection.GetCounter("key")).ShouldBe((1, 0));
    }

    [SkippableFact]
    public virtual void A_list_is_newest_first()
    {
        Write(transaction =>
        {
            foreach (var value in new[] { "1", "2", "1", "3", "4" }) transaction.InsertToList("l", value);
        });

        Connection.GetAllItemsFromList("l").ShouldBe(["4", "3", "1", "2", "1"]);
        Connection.GetRangeFromList("l", 1, 2).ShouldBe(["3", "1"]);
        Connection.GetRangeFromList("l", 4, 9).ShouldBe(["1"]);
        Connection.GetListCount("l").ShouldBe(5);
        Write(transaction => transaction.RemoveFromList("l", "1"));
        Connection.GetAllItemsFromList("l").ShouldBe(["4", "3", "2"]);
        Write(transaction => transaction.InsertToList("l", "5"));
        Connection.GetAllItemsFromList("l").ShouldBe(["5", "4", "3", "2"]);
        (Connection.GetAllItemsFromList("missing").Count, Connection.GetListCount("missing")).ShouldBe((0, 0));
    }

    [SkippableTheory]
    [InlineData(0, 1, "5 4")]
    [InlineData(1, 3, "4 3 2")]
    [InlineData(3, 100, "2 1")]
    [InlineData(0, 0, "5")]
    [InlineData(9, 12, "")]
    [InlineData(2, 1, "")]
    public virtual void A_list_is_trimmed_to_a_range(int from, int to, string left) => TrimsTo(from, to, left);

    [SkippableTheory]
    [InlineData(-3, 1, "5 4")]
    [InlineData(-3, -1, "")]
    public virtual void Places_before_a_lists_first_are_empty(int from, int to, string left) => TrimsTo(from, to, left);

    [SkippableFact]
    public virtual void Sets_hashes_and_lists_expire_when_told()
    {
        Write(transaction =>
        {
            transaction.AddToSet("k", "a");
            transaction.SetRangeInHash("k", [KeyValuePair.Create("f", "v")]);
            transaction.InsertToList("k", "a");
        });
        Ttls("k").ShouldAllBe(ttl => ttl < TimeSpan.Zero);
        Ttls("missing").ShouldAllBe(ttl => ttl < TimeSpan.Zero);

        Write(transaction =>
        {
            transaction.ExpireSet("k", TimeSpan.FromHours(5));
            transaction.ExpireHash("k", TimeSpan.FromHours(5));
            transaction.ExpireList("k", TimeSpan.FromHours(5));
        });
        foreach (var ttl in Ttls("k")) ttl.ShouldBe(TimeSpan.FromHours(5), TimeSpan.FromMinutes(1));

        Write(transaction =>
        {
            transaction.PersistSet("k");
            transaction.PersistHash("k");
            transaction.PersistList("k");
        });
        Ttls("k").ShouldAllBe(ttl => ttl < TimeSpan.Zero);
    }

    [SkippableFact]
    public virtual void What_is_made_anew_does_not_inherit_a_time_to_live()
    {
        Write(transaction =>
        {
            transaction.ExpireSet("k", Month);
            transaction.ExpireHash("k", Month);
            transaction.ExpireList("k", Month);
            transaction.AddToSet("k", "a");
            transaction.SetRangeInHash("k", [KeyValuePair.Create("f", "v")]);
            transaction.InsertToList("k", "a");
        });
        Ttls("k").ShouldAllBe(ttl => ttl < TimeSpan.Zero);

        Write(transaction =>
        {
            transaction.ExpireSet("k", Month);
            transaction.ExpireHash("k", Month);
            transaction.ExpireList("k", Month);
            transaction.RemoveFromSet("k", "a");
            transaction.RemoveHash("k");
            transaction.TrimList("k", 5, 6);
            transaction.AddToSet("k", "a");
            transaction.SetRangeInHash("k", [KeyValuePair.Create("f", "v")]);
            transaction.InsertToList("k", "a");
        });
        Ttls("k").ShouldAllBe(ttl => ttl < TimeSpan.Zero);
    }

    [SkippableFact]
    public virtual void A_counter_counts_up_down_and_below_zero()
    {
        Write(transaction =>
        {
            transaction.IncrementCounter("up");
            transaction.IncrementCounter("up", Month);
            transaction.IncrementCounter("up");
            transaction.DecrementCounter("up");
            transaction.DecrementCounter("down");
            transaction.DecrementCounter("down", Month);
            transaction.IncrementCounter("zero");
            transaction.DecrementCounter("zero");
        });

        (Connection.GetCounter("up"), Connection.GetCounter("down"), Connection.GetCounter("zero"), Connection.GetCounter("missing")).ShouldBe((2, -2, 0, 0));
    }

    [SkippableFact]
    public virtual void No_increment_is_lost()
    {
        InParallel(8, _ =>
        {
            using var connection = NewConnection();
            for (var i = 0; i < 25; i++)
            {
                using var transaction = connection.CreateWriteTransaction();
                transaction.IncrementCounter("c");
                transaction.Commit();
            }
        });

        Connection.GetCounter("c").ShouldBe(200);
    }

    private void TrimsTo(int from, int to, string left)
    {
        Write(transaction =>
        {
            for (var i = 1; i <= 5; i++) transaction.InsertToList("l", $"{i}");
        });

        Write(transaction => transaction.TrimList("l", from, to));

        string.Join(' ', Connection.GetAllItemsFromList("l")).ShouldBe(left);
    }

    /// <summary>Below zero: it does not expire.</summary>
    private TimeSpan[] Ttls(string key) => [Connection.GetSetTtl(key), Connection.GetHashTtl(key), Connection.GetListTtl(key)];
}
