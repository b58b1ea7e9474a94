using MediatR;

namespace PaymentSim.Core.Storage;

/// <summary>Gives space that deleted rows have left in the database back to the disk, some at a time. Answers how many bytes.</summary>
public sealed record GiveSpaceBack : IRequest<long>;

internal sealed class GiveSpaceBackHandler(Database database) : IRequestHandler<GiveSpaceBack, long>
{
    public Task<long> Handle(GiveSpaceBack request, CancellationToken cancellationToken) => database.GiveSpaceBackAsync(cancellationToken);
}
