"""Triggers: what was said of a model stays said, whichever door a change comes through."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION winnow_freeze_suite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.suite_id, NEW.number, NEW.text, NEW.spec, NEW.sha256, NEW.created_at)
       IS DISTINCT FROM (OLD.suite_id, OLD.number, OLD.text, OLD.spec, OLD.sha256, OLD.created_at) THEN
        RAISE EXCEPTION 'suite version % never changes: save the suite as its next version', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER winnow_freeze BEFORE UPDATE ON evaluation_suiteversion
    FOR EACH ROW EXECUTE FUNCTION winnow_freeze_suite();

CREATE FUNCTION winnow_freeze_test() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL
       AND (NEW.suite_id, NEW.model_id, NEW.baseline_id, NEW.version_id, NEW.is_final, NEW.options, NEW.verdict,
            NEW.record, NEW.code_version, NEW.created_at, NEW.finished_at)
       IS DISTINCT FROM
           (OLD.suite_id, OLD.model_id, OLD.baseline_id, OLD.version_id, OLD.is_final, OLD.options, OLD.verdict,
            OLD.record, OLD.code_version, OLD.created_at, OLD.finished_at) THEN
        RAISE EXCEPTION 'test run % is done and never changes: run the suite again', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER winnow_freeze BEFORE UPDATE ON evaluation_testrun
    FOR EACH ROW EXECUTE FUNCTION winnow_freeze_test();

CREATE FUNCTION winnow_freeze_result() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the results of test run % never change: run the suite again', OLD.run_id;
END $$;
CREATE TRIGGER winnow_freeze BEFORE UPDATE ON evaluation_scenarioresult
    FOR EACH ROW EXECUTE FUNCTION winnow_freeze_result();
"""
UNFREEZE = """
DROP TRIGGER winnow_freeze ON evaluation_suiteversion;
DROP TRIGGER winnow_freeze ON evaluation_testrun;
DROP TRIGGER winnow_freeze ON evaluation_scenarioresult;
DROP FUNCTION winnow_freeze_suite();
DROP FUNCTION winnow_freeze_test();
DROP FUNCTION winnow_freeze_result();
"""


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, UNFREEZE)]
