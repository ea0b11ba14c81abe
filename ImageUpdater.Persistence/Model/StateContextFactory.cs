using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ImageUpdater.Persistence.Model;

/// <summary>Used by <c>dotnet ef</c> to read the model. Opens no file.</summary>
internal sealed class StateContextFactory : IDesignTimeDbContextFactory<StateContext>
{
    public StateContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<StateContext>().UseSqlite("Data Source=:memory:").Options);
}
