using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ImageUpdater.Persistence.Migrations
{
    // Written by hand: EF has no triggers in its model.
    public partial class AuditAppendOnly : Migration
    {
        // The audit says what was done and why, so that nothing may rewrite it, a shell on the volume included. Records leave
        // it in one way only: retention first writes down how far back it clears (table retention), then deletes what is
        // older than that, and never the newest record of a workload.
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""
                CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
                BEGIN
                  SELECT RAISE(ABORT, 'the audit is append-only: a record is never changed');
                END;
                """);
            migrationBuilder.Sql("""
                CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
                WHEN NOT EXISTS (SELECT 1 FROM retention WHERE before > OLD.at)
                BEGIN
                  SELECT RAISE(ABORT, 'the audit is append-only: only retention deletes records, and only old ones');
                END;
                """);
            migrationBuilder.Sql("""
                CREATE TRIGGER audit_keep_newest BEFORE DELETE ON audit
                WHEN OLD.id = (SELECT max(id) FROM audit WHERE workload_uid = OLD.workload_uid)
                BEGIN
                  SELECT RAISE(ABORT, 'the newest audit record of a workload always stays');
                END;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_keep_newest;");
        }
    }
}
