"""Triggers: what the database itself keeps watch over, whichever door a change comes through."""

from django.db import migrations

STAMP_FRAMES = """
CREATE FUNCTION winnow_stamp_frame() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.held_out AND NOT NEW.held_out THEN
        RAISE EXCEPTION 'frame % is held out by a locked dataset version, and stays so', OLD.id;
    END IF;
    NEW.changed_xid := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END $$;
CREATE TRIGGER winnow_stamp BEFORE INSERT OR UPDATE ON curation_frame
    FOR EACH ROW EXECUTE FUNCTION winnow_stamp_frame();

CREATE FUNCTION winnow_note_gone_frames() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO curation_goneframe (frame_id, changed_xid)
        SELECT id, pg_current_xact_id()::text::bigint FROM gone
        ON CONFLICT (frame_id) DO UPDATE SET changed_xid = EXCLUDED.changed_xid;
    RETURN NULL;
END $$;
CREATE TRIGGER winnow_gone AFTER DELETE ON curation_frame
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION winnow_note_gone_frames();
"""
UNSTAMP_FRAMES = """
DROP TRIGGER winnow_stamp ON curation_frame;
DROP TRIGGER winnow_gone ON curation_frame;
DROP FUNCTION winnow_stamp_frame();
DROP FUNCTION winnow_note_gone_frames();
"""

FREEZE_VERSIONS = """
CREATE FUNCTION winnow_freeze_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.locked_at IS NOT NULL THEN
            RAISE EXCEPTION 'dataset version % is locked as a hold-out and stays', OLD.id;
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.locked_at IS NOT NULL AND (NEW.locked_at, NEW.locked_by_id, NEW.lock)
            IS DISTINCT FROM (OLD.locked_at, OLD.locked_by_id, OLD.lock) THEN
        RAISE EXCEPTION 'dataset version % is locked as a hold-out and cannot be unlocked', OLD.id;
    END IF;
    IF (NEW.dataset_id, NEW.number, NEW.parent_id, NEW.plan, NEW.plan_text, NEW.seed, NEW.split_by, NEW.conditions_id,
        NEW.manifest, NEW.manifest_sha256, NEW.frame_count, NEW.annotation_count, NEW.splits, NEW.report,
        NEW.code_version, NEW.created_at)
       IS DISTINCT FROM
       (OLD.dataset_id, OLD.number, OLD.parent_id, OLD.plan, OLD.plan_text, OLD.seed, OLD.split_by, OLD.conditions_id,
        OLD.manifest, OLD.manifest_sha256, OLD.frame_count, OLD.annotation_count, OLD.splits, OLD.report,
        OLD.code_version, OLD.created_at) THEN
        RAISE EXCEPTION 'dataset version % never changes: make the next version', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER winnow_freeze BEFORE UPDATE OR DELETE ON curation_datasetversion
    FOR EACH ROW EXECUTE FUNCTION winnow_freeze_version();

CREATE FUNCTION winnow_freeze_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'the frames of dataset version % never change: make the next version', OLD.version_id;
    END IF;
    IF EXISTS (SELECT 1 FROM curation_datasetversion WHERE locked_at IS NOT NULL
               AND id = CASE TG_OP WHEN 'DELETE' THEN OLD.version_id ELSE NEW.version_id END) THEN
        RAISE EXCEPTION 'the dataset version is locked as a hold-out: its frames stay as they are';
    END IF;
    IF TG_OP = 'INSERT' AND EXISTS (SELECT 1 FROM curation_frame WHERE id = NEW.frame_id AND held_out) THEN
        RAISE EXCEPTION 'frame % is held out by a locked dataset version, and comes into no other', NEW.frame_id;
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER winnow_freeze BEFORE INSERT OR UPDATE OR DELETE ON curation_datasetframe
    FOR EACH ROW EXECUTE FUNCTION winnow_freeze_member();
"""
UNFREEZE_VERSIONS = """
DROP TRIGGER winnow_freeze ON curation_datasetversion;
DROP TRIGGER winnow_freeze ON curation_datasetframe;
DROP FUNCTION winnow_freeze_version();
DROP FUNCTION winnow_freeze_member();
"""

KEEP_LEDGER = """
CREATE FUNCTION winnow_keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger of a hold-out is never changed: add a line';
END $$;
CREATE TRIGGER winnow_ledger BEFORE UPDATE OR DELETE ON curation_holdoutuse
    FOR EACH ROW EXECUTE FUNCTION winnow_keep_ledger();
CREATE TRIGGER winnow_ledger BEFORE UPDATE OR DELETE ON curation_holdoutblock
    FOR EACH ROW EXECUTE FUNCTION winnow_keep_ledger();
"""
UNKEEP_LEDGER = """
DROP TRIGGER winnow_ledger ON curation_holdoutuse;
DROP TRIGGER winnow_ledger ON curation_holdoutblock;
DROP FUNCTION winnow_keep_ledger();
"""


class Migration(migrations.Migration):
    dependencies = [("curation", "0002_datasets")]

    operations = [
        migrations.RunSQL(STAMP_FRAMES, UNSTAMP_FRAMES),
        migrations.RunSQL(FREEZE_VERSIONS, UNFREEZE_VERSIONS),
        migrations.RunSQL(KEEP_LEDGER, UNKEEP_LEDGER),
    ]
