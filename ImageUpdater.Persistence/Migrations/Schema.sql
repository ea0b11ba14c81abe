CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);

BEGIN TRANSACTION;
CREATE TABLE "audit" (
    "id" INTEGER NOT NULL CONSTRAINT "PK_audit" PRIMARY KEY AUTOINCREMENT,
    "at" INTEGER NOT NULL,
    "action" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "workload_uid" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "container" TEXT NULL,
    "plan_id" TEXT NULL,
    "rollout_id" TEXT NULL,
    "patch" TEXT NULL
);

CREATE TABLE "images" (
    "id" INTEGER NOT NULL CONSTRAINT "PK_images" PRIMARY KEY AUTOINCREMENT,
    "registry" TEXT NOT NULL,
    "repository" TEXT NOT NULL,
    "tag" TEXT NOT NULL,
    "digest" TEXT NULL,
    "media_type" TEXT NULL,
    "last_checked" INTEGER NULL,
    "last_changed" INTEGER NULL,
    "failure_kind" TEXT NULL,
    "failure_sentence" TEXT NULL,
    "retry_at" INTEGER NULL,
    "failures_in_a_row" INTEGER NOT NULL
);

CREATE TABLE "manifests" (
    "digest" TEXT NOT NULL CONSTRAINT "PK_manifests" PRIMARY KEY,
    "media_type" TEXT NOT NULL,
    "config_digest" TEXT NULL,
    "children" TEXT NULL
);

CREATE TABLE "plans" (
    "id" TEXT NOT NULL CONSTRAINT "PK_plans" PRIMARY KEY,
    "created_at" INTEGER NOT NULL,
    "actor" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "scope_namespace" TEXT NULL,
    "scope_kinds" TEXT NOT NULL,
    "restart" INTEGER NOT NULL,
    "adopted" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,
    "skipped" INTEGER NOT NULL,
    "unchanged" INTEGER NOT NULL,
    "json" TEXT NOT NULL
);

CREATE TABLE "retention" (
    "id" INTEGER NOT NULL CONSTRAINT "PK_retention" PRIMARY KEY,
    "ran_at" INTEGER NOT NULL,
    "before" INTEGER NOT NULL,
    CONSTRAINT "CK_retention_one_row" CHECK (id = 1)
);

CREATE TABLE "rollouts" (
    "id" TEXT NOT NULL CONSTRAINT "PK_rollouts" PRIMARY KEY,
    "workload_uid" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "plan_id" TEXT NULL,
    "actor" TEXT NOT NULL,
    "started_at" INTEGER NOT NULL,
    "restarted_at" TEXT NOT NULL,
    "last_digest" TEXT NOT NULL,
    "previous_last_digest" TEXT NULL,
    "patch" TEXT NOT NULL,
    "resource_version_before" TEXT NOT NULL,
    "resource_version_after" TEXT NULL,
    "changes" TEXT NOT NULL,
    "baselines" TEXT NOT NULL,
    "pull_policies" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "ended_at" INTEGER NULL,
    "outcome" TEXT NULL,
    "proof" TEXT NULL,
    "proof_detail" TEXT NULL
);

CREATE TABLE "workloads" (
    "uid" TEXT NOT NULL CONSTRAINT "PK_workloads" PRIMARY KEY,
    "namespace" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL
);

CREATE TABLE "observations" (
    "id" INTEGER NOT NULL CONSTRAINT "PK_observations" PRIMARY KEY AUTOINCREMENT,
    "image_id" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "served_from" INTEGER NOT NULL,
    CONSTRAINT "FK_observations_images_image_id" FOREIGN KEY ("image_id") REFERENCES "images" ("id") ON DELETE CASCADE
);

CREATE TABLE "plan_changes" (
    "id" INTEGER NOT NULL CONSTRAINT "PK_plan_changes" PRIMARY KEY AUTOINCREMENT,
    "plan_id" TEXT NOT NULL,
    "workload_uid" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "container" TEXT NOT NULL,
    "is_init" INTEGER NOT NULL,
    "image_text" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "from_digest" TEXT NULL,
    "to_digest" TEXT NULL,
    "explanation" TEXT NOT NULL,
    "adopts" INTEGER NOT NULL,
    CONSTRAINT "FK_plan_changes_plans_plan_id" FOREIGN KEY ("plan_id") REFERENCES "plans" ("id") ON DELETE CASCADE
);

CREATE TABLE "baselines" (
    "workload_uid" TEXT NOT NULL,
    "container" TEXT NOT NULL,
    "image" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "since" INTEGER NOT NULL,
    CONSTRAINT "PK_baselines" PRIMARY KEY ("workload_uid", "container"),
    CONSTRAINT "FK_baselines_workloads_workload_uid" FOREIGN KEY ("workload_uid") REFERENCES "workloads" ("uid") ON DELETE CASCADE
);

CREATE TABLE "decisions" (
    "workload_uid" TEXT NOT NULL,
    "container" TEXT NOT NULL,
    "image_text" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "explanation" TEXT NOT NULL,
    "from_digest" TEXT NULL,
    "to_digest" TEXT NULL,
    "since" INTEGER NOT NULL,
    CONSTRAINT "PK_decisions" PRIMARY KEY ("workload_uid", "container"),
    CONSTRAINT "FK_decisions_workloads_workload_uid" FOREIGN KEY ("workload_uid") REFERENCES "workloads" ("uid") ON DELETE CASCADE
);

CREATE INDEX "IX_audit_at" ON "audit" ("at");

CREATE INDEX "IX_audit_namespace_kind_name_id" ON "audit" ("namespace", "kind", "name", "id");

CREATE UNIQUE INDEX "IX_audit_rollout_id" ON "audit" ("rollout_id") WHERE action = 'Restarted';

CREATE INDEX "IX_audit_workload_uid_id" ON "audit" ("workload_uid", "id");

CREATE UNIQUE INDEX "IX_images_registry_repository_tag" ON "images" ("registry", "repository", "tag");

CREATE INDEX "IX_observations_image_id_id" ON "observations" ("image_id", "id");

CREATE INDEX "IX_plan_changes_plan_id" ON "plan_changes" ("plan_id");

CREATE INDEX "IX_plans_created_at" ON "plans" ("created_at");

CREATE INDEX "IX_rollouts_started_at" ON "rollouts" ("started_at");

CREATE INDEX "IX_rollouts_state" ON "rollouts" ("state") WHERE state IN ('Intended', 'Running');

CREATE INDEX "IX_rollouts_workload_uid_started_at" ON "rollouts" ("workload_uid", "started_at");

CREATE INDEX "IX_workloads_namespace_kind_name" ON "workloads" ("namespace", "kind", "name");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261123095741_Initial', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit is append-only: a record is never changed');
END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
WHEN NOT EXISTS (SELECT 1 FROM retention WHERE before > OLD.at)
BEGIN
  SELECT RAISE(ABORT, 'the audit is append-only: only retention deletes records, and only old ones');
END;

CREATE TRIGGER audit_keep_newest BEFORE DELETE ON audit
WHEN OLD.id = (SELECT max(id) FROM audit WHERE workload_uid = OLD.workload_uid)
BEGIN
  SELECT RAISE(ABORT, 'the newest audit record of a workload always stays');
END;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261123095813_AuditAppendOnly', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
ALTER TABLE "images" ADD "next_check" INTEGER NULL;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261123234907_ImageNextCheck', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TABLE "quarantine" (
    "rollout_id" TEXT NOT NULL,
    "container" TEXT NOT NULL,
    "workload_uid" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "image" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "previous_digest" TEXT NULL,
    "restarted_at" TEXT NOT NULL,
    "since" INTEGER NOT NULL,
    "why" TEXT NOT NULL,
    CONSTRAINT "PK_quarantine" PRIMARY KEY ("rollout_id", "container")
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261124004750_Quarantine', '10.0.15');

COMMIT;

BEGIN TRANSACTION;
CREATE TABLE "finalizer_removals" (
    "workload_uid" TEXT NOT NULL CONSTRAINT "PK_finalizer_removals" PRIMARY KEY,
    "namespace" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "plan_id" TEXT NULL,
    "since" INTEGER NOT NULL,
    "patch" TEXT NOT NULL
);

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261124230547_FinalizerRemovals', '10.0.15');

COMMIT;

