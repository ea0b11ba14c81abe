using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ImageUpdater.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    action = table.Column<string>(type: "TEXT", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    workload_uid = table.Column<string>(type: "TEXT", nullable: false),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    message = table.Column<string>(type: "TEXT", nullable: false),
                    container = table.Column<string>(type: "TEXT", nullable: true),
                    plan_id = table.Column<string>(type: "TEXT", nullable: true),
                    rollout_id = table.Column<string>(type: "TEXT", nullable: true),
                    patch = table.Column<string>(type: "TEXT", nullable: true),
                    decision_action = table.Column<string>(type: "TEXT", nullable: true),
                    decision_reason = table.Column<string>(type: "TEXT", nullable: true),
                    end_state = table.Column<string>(type: "TEXT", nullable: true),
                    end_took = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit_counter",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    last = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit_counter", x => x.id);
                    table.CheckConstraint("CK_audit_counter_one_row", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "cursors",
                columns: table => new
                {
                    reader = table.Column<string>(type: "TEXT", nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    moved_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cursors", x => x.reader);
                });

            migrationBuilder.CreateTable(
                name: "finalizer_removals",
                columns: table => new
                {
                    workload_uid = table.Column<string>(type: "TEXT", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    plan_id = table.Column<string>(type: "TEXT", nullable: true),
                    since = table.Column<long>(type: "INTEGER", nullable: false),
                    patch = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_finalizer_removals", x => x.workload_uid);
                });

            migrationBuilder.CreateTable(
                name: "images",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    registry = table.Column<string>(type: "TEXT", nullable: false),
                    repository = table.Column<string>(type: "TEXT", nullable: false),
                    tag = table.Column<string>(type: "TEXT", nullable: false),
                    reader = table.Column<string>(type: "TEXT", nullable: false),
                    digest = table.Column<string>(type: "TEXT", nullable: true),
                    media_type = table.Column<string>(type: "TEXT", nullable: true),
                    last_checked = table.Column<long>(type: "INTEGER", nullable: true),
                    last_changed = table.Column<long>(type: "INTEGER", nullable: true),
                    failure_kind = table.Column<string>(type: "TEXT", nullable: true),
                    failure_message = table.Column<string>(type: "TEXT", nullable: true),
                    retry_at = table.Column<long>(type: "INTEGER", nullable: true),
                    failures_in_a_row = table.Column<int>(type: "INTEGER", nullable: false),
                    next_check = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_images", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "manifest_reads",
                columns: table => new
                {
                    image = table.Column<string>(type: "TEXT", nullable: false),
                    reader = table.Column<string>(type: "TEXT", nullable: false),
                    digest = table.Column<string>(type: "TEXT", nullable: false),
                    read_at = table.Column<long>(type: "INTEGER", nullable: false),
                    failure_kind = table.Column<string>(type: "TEXT", nullable: true),
                    failure_message = table.Column<string>(type: "TEXT", nullable: true),
                    failures_in_a_row = table.Column<int>(type: "INTEGER", nullable: false),
                    next_read = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_manifest_reads", x => new { x.image, x.reader });
                });

            migrationBuilder.CreateTable(
                name: "manifests",
                columns: table => new
                {
                    digest = table.Column<string>(type: "TEXT", nullable: false),
                    media_type = table.Column<string>(type: "TEXT", nullable: false),
                    config_digest = table.Column<string>(type: "TEXT", nullable: true),
                    platform = table.Column<string>(type: "TEXT", nullable: true),
                    children = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_manifests", x => x.digest);
                });

            migrationBuilder.CreateTable(
                name: "plan_workloads",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    series = table.Column<long>(type: "INTEGER", nullable: false),
                    from_plan = table.Column<long>(type: "INTEGER", nullable: false),
                    until_plan = table.Column<long>(type: "INTEGER", nullable: true),
                    workload_uid = table.Column<string>(type: "TEXT", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    resource_version = table.Column<string>(type: "TEXT", nullable: false),
                    template_fingerprint = table.Column<string>(type: "TEXT", nullable: false),
                    is_self = table.Column<bool>(type: "INTEGER", nullable: false),
                    remove_legacy_finalizer = table.Column<bool>(type: "INTEGER", nullable: false),
                    restart = table.Column<string>(type: "TEXT", nullable: true),
                    warnings = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_plan_workloads", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "plans",
                columns: table => new
                {
                    number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    id = table.Column<string>(type: "TEXT", nullable: true),
                    series = table.Column<long>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    status = table.Column<string>(type: "TEXT", nullable: false),
                    scope_namespace = table.Column<string>(type: "TEXT", nullable: true),
                    scope_kinds = table.Column<string>(type: "TEXT", nullable: false),
                    restart = table.Column<int>(type: "INTEGER", nullable: false),
                    queued = table.Column<int>(type: "INTEGER", nullable: false),
                    adopted = table.Column<int>(type: "INTEGER", nullable: false),
                    held = table.Column<int>(type: "INTEGER", nullable: false),
                    skipped = table.Column<int>(type: "INTEGER", nullable: false),
                    unchanged = table.Column<int>(type: "INTEGER", nullable: false),
                    image_count = table.Column<int>(type: "INTEGER", nullable: false),
                    warnings = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_plans", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "quarantine",
                columns: table => new
                {
                    rollout_id = table.Column<string>(type: "TEXT", nullable: false),
                    container = table.Column<string>(type: "TEXT", nullable: false),
                    workload_uid = table.Column<string>(type: "TEXT", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    image = table.Column<string>(type: "TEXT", nullable: false),
                    digest = table.Column<string>(type: "TEXT", nullable: false),
                    previous_digest = table.Column<string>(type: "TEXT", nullable: true),
                    restarted_at = table.Column<string>(type: "TEXT", nullable: false),
                    since = table.Column<long>(type: "INTEGER", nullable: false),
                    why = table.Column<string>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    retry_by = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_quarantine", x => new { x.rollout_id, x.container });
                });

            migrationBuilder.CreateTable(
                name: "retention",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false),
                    ran_at = table.Column<long>(type: "INTEGER", nullable: false),
                    before = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_retention", x => x.id);
                    table.CheckConstraint("CK_retention_one_row", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "rollouts",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    workload_uid = table.Column<string>(type: "TEXT", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    plan_id = table.Column<string>(type: "TEXT", nullable: true),
                    actor = table.Column<string>(type: "TEXT", nullable: false),
                    started_at = table.Column<long>(type: "INTEGER", nullable: false),
                    restarted_at = table.Column<string>(type: "TEXT", nullable: false),
                    last_digest = table.Column<string>(type: "TEXT", nullable: false),
                    previous_last_digest = table.Column<string>(type: "TEXT", nullable: true),
                    previous_restarted_at = table.Column<string>(type: "TEXT", nullable: true),
                    patch = table.Column<string>(type: "TEXT", nullable: false),
                    resource_version_before = table.Column<string>(type: "TEXT", nullable: false),
                    resource_version_after = table.Column<string>(type: "TEXT", nullable: true),
                    changes = table.Column<string>(type: "TEXT", nullable: false),
                    baselines = table.Column<string>(type: "TEXT", nullable: false),
                    pull_policies = table.Column<string>(type: "TEXT", nullable: false),
                    state = table.Column<string>(type: "TEXT", nullable: false),
                    pace_updated = table.Column<int>(type: "INTEGER", nullable: false),
                    pace_available = table.Column<int>(type: "INTEGER", nullable: false),
                    pace_without_progress = table.Column<long>(type: "INTEGER", nullable: false),
                    pace_at = table.Column<long>(type: "INTEGER", nullable: true),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true),
                    outcome = table.Column<string>(type: "TEXT", nullable: true),
                    verification = table.Column<string>(type: "TEXT", nullable: true),
                    verification_message = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rollouts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "workloads",
                columns: table => new
                {
                    uid = table.Column<string>(type: "TEXT", nullable: false),
                    @namespace = table.Column<string>(name: "namespace", type: "TEXT", nullable: false),
                    kind = table.Column<string>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", nullable: false),
                    pace_updated = table.Column<int>(type: "INTEGER", nullable: false),
                    pace_available = table.Column<int>(type: "INTEGER", nullable: false),
                    pace_without_progress = table.Column<long>(type: "INTEGER", nullable: false),
                    pace_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_workloads", x => x.uid);
                });

            migrationBuilder.CreateTable(
                name: "observations",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    image_id = table.Column<long>(type: "INTEGER", nullable: false),
                    digest = table.Column<string>(type: "TEXT", nullable: false),
                    media_type = table.Column<string>(type: "TEXT", nullable: false),
                    served_from = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_observations", x => x.id);
                    table.ForeignKey(
                        name: "FK_observations_images_image_id",
                        column: x => x.image_id,
                        principalTable: "images",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "plan_containers",
                columns: table => new
                {
                    plan_workload_id = table.Column<long>(type: "INTEGER", nullable: false),
                    position = table.Column<int>(type: "INTEGER", nullable: false),
                    container = table.Column<string>(type: "TEXT", nullable: false),
                    is_init = table.Column<bool>(type: "INTEGER", nullable: false),
                    image_text = table.Column<string>(type: "TEXT", nullable: false),
                    image = table.Column<string>(type: "TEXT", nullable: true),
                    action = table.Column<string>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    explanation = table.Column<string>(type: "TEXT", nullable: false),
                    from_digest = table.Column<string>(type: "TEXT", nullable: true),
                    to_digest = table.Column<string>(type: "TEXT", nullable: true),
                    image_after = table.Column<string>(type: "TEXT", nullable: true),
                    holds = table.Column<string>(type: "TEXT", nullable: true),
                    adopted = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_plan_containers", x => new { x.plan_workload_id, x.position });
                    table.ForeignKey(
                        name: "FK_plan_containers_plan_workloads_plan_workload_id",
                        column: x => x.plan_workload_id,
                        principalTable: "plan_workloads",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "baselines",
                columns: table => new
                {
                    workload_uid = table.Column<string>(type: "TEXT", nullable: false),
                    container = table.Column<string>(type: "TEXT", nullable: false),
                    image = table.Column<string>(type: "TEXT", nullable: false),
                    digest = table.Column<string>(type: "TEXT", nullable: false),
                    origin = table.Column<string>(type: "TEXT", nullable: false),
                    since = table.Column<long>(type: "INTEGER", nullable: false),
                    is_unverified = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_baselines", x => new { x.workload_uid, x.container });
                    table.ForeignKey(
                        name: "FK_baselines_workloads_workload_uid",
                        column: x => x.workload_uid,
                        principalTable: "workloads",
                        principalColumn: "uid",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "decisions",
                columns: table => new
                {
                    workload_uid = table.Column<string>(type: "TEXT", nullable: false),
                    container = table.Column<string>(type: "TEXT", nullable: false),
                    image_text = table.Column<string>(type: "TEXT", nullable: false),
                    action = table.Column<string>(type: "TEXT", nullable: false),
                    reason = table.Column<string>(type: "TEXT", nullable: false),
                    explanation = table.Column<string>(type: "TEXT", nullable: false),
                    from_digest = table.Column<string>(type: "TEXT", nullable: true),
                    to_digest = table.Column<string>(type: "TEXT", nullable: true),
                    since = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_decisions", x => new { x.workload_uid, x.container });
                    table.ForeignKey(
                        name: "FK_decisions_workloads_workload_uid",
                        column: x => x.workload_uid,
                        principalTable: "workloads",
                        principalColumn: "uid",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "pull_policies",
                columns: table => new
                {
                    workload_uid = table.Column<string>(type: "TEXT", nullable: false),
                    container = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_pull_policies", x => new { x.workload_uid, x.container });
                    table.ForeignKey(
                        name: "FK_pull_policies_workloads_workload_uid",
                        column: x => x.workload_uid,
                        principalTable: "workloads",
                        principalColumn: "uid",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_audit_at",
                table: "audit",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_audit_namespace_kind_name_id",
                table: "audit",
                columns: new[] { "namespace", "kind", "name", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_audit_rollout_id",
                table: "audit",
                column: "rollout_id",
                unique: true,
                filter: "action = 'Restarted'");

            migrationBuilder.CreateIndex(
                name: "IX_audit_workload_uid_id",
                table: "audit",
                columns: new[] { "workload_uid", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_images_registry_repository_tag_reader",
                table: "images",
                columns: new[] { "registry", "repository", "tag", "reader" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_manifest_reads_digest",
                table: "manifest_reads",
                column: "digest");

            migrationBuilder.CreateIndex(
                name: "IX_observations_image_id_id",
                table: "observations",
                columns: new[] { "image_id", "id" });

            migrationBuilder.CreateIndex(
                name: "IX_plan_workloads_series_until_plan",
                table: "plan_workloads",
                columns: new[] { "series", "until_plan" });

            migrationBuilder.CreateIndex(
                name: "IX_plans_created_at",
                table: "plans",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "IX_plans_id",
                table: "plans",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_rollouts_started_at",
                table: "rollouts",
                column: "started_at");

            migrationBuilder.CreateIndex(
                name: "IX_rollouts_state",
                table: "rollouts",
                column: "state",
                filter: "state IN ('Intended', 'Running')");

            migrationBuilder.CreateIndex(
                name: "IX_rollouts_workload_uid_started_at",
                table: "rollouts",
                columns: new[] { "workload_uid", "started_at" });

            migrationBuilder.CreateIndex(
                name: "IX_workloads_namespace_kind_name",
                table: "workloads",
                columns: new[] { "namespace", "kind", "name" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropTable(
                name: "audit_counter");

            migrationBuilder.DropTable(
                name: "baselines");

            migrationBuilder.DropTable(
                name: "cursors");

            migrationBuilder.DropTable(
                name: "decisions");

            migrationBuilder.DropTable(
                name: "finalizer_removals");

            migrationBuilder.DropTable(
                name: "manifest_reads");

            migrationBuilder.DropTable(
                name: "manifests");

            migrationBuilder.DropTable(
                name: "observations");

            migrationBuilder.DropTable(
                name: "plan_containers");

            migrationBuilder.DropTable(
                name: "plans");

            migrationBuilder.DropTable(
                name: "pull_policies");

            migrationBuilder.DropTable(
                name: "quarantine");

            migrationBuilder.DropTable(
                name: "retention");

            migrationBuilder.DropTable(
                name: "rollouts");

            migrationBuilder.DropTable(
                name: "images");

            migrationBuilder.DropTable(
                name: "plan_workloads");

            migrationBuilder.DropTable(
                name: "workloads");
        }
    }
}
