using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ImageUpdater.Persistence.Model;

/// <summary>How <c>dotnet ef</c> comes to the model. It opens no file.</summary>
internal sealed class StateContextFactory : IDesignTimeDbContextFactory<StateContext>
{
    public StateContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<StateContext>().UseSqlite("Data Source=:memory:").Options);
}
