using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ImageUpdater.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ImageNextCheck : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "next_check",
                table: "images",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "next_check",
                table: "images");
        }
    }
}
