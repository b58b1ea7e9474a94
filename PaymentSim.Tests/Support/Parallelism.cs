// Most tests wait for HTTP, retries and processes: more of them than there are processors can run side by side.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
