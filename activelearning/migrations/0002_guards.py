"""Triggers: what a training made, and what a closed round reported, stays as it was, whichever door a change comes
through. A step of a round can be done again: that opens the round, and takes its report back."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION winnow_freeze_training() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL
       AND (NEW.name, NEW.version_id, NEW.base_id, NEW.trainer, NEW.options, NEW.seed, NEW.classes, NEW.shares,
            NEW.data, NEW.epochs, NEW.figures, NEW.device, NEW.onnx, NEW.model_id, NEW.code_version, NEW.created_at,
            NEW.finished_at)
       IS DISTINCT FROM
           (OLD.name, OLD.version_id, OLD.base_id, OLD.trainer, OLD.options, OLD.seed, OLD.classes, OLD.shares,
            OLD.data, OLD.epochs, OLD.figures, OLD.device, OLD.onnx, OLD.model_id, OLD.code_version, OLD.created_at,
            OLD.finished_at) THEN
        RAISE EXCEPTION 'training % is done and never changes: train again under another name', OLD.name;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER winnow_freeze BEFORE UPDATE ON activelearning_training
    FOR EACH ROW EXECUTE FUNCTION winnow_freeze_training();

CREATE FUNCTION winnow_freeze_trained() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM activelearning_training WHERE model_id = OLD.id AND finished_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the weights of model % never change: a training made them', OLD.name;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER winnow_freeze_trained BEFORE UPDATE ON evaluation_modelversion
    FOR EACH ROW WHEN (NEW.weights_sha256 IS DISTINCT FROM OLD.weights_sha256)
    EXECUTE FUNCTION winnow_freeze_trained();

CREATE FUNCTION winnow_freeze_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.loop_id, NEW.number, NEW.test_run_id, NEW.scenarios, NEW.budget, NEW.seed, NEW.strategy_text, NEW.strategy,
        NEW.dataset, NEW.base_version_id, NEW.raise_shares, NEW.code_version, NEW.created_at)
       IS DISTINCT FROM
       (OLD.loop_id, OLD.number, OLD.test_run_id, OLD.scenarios, OLD.budget, OLD.seed, OLD.strategy_text, OLD.strategy,
        OLD.dataset, OLD.base_version_id, OLD.raise_shares, OLD.code_version, OLD.created_at) THEN
        RAISE EXCEPTION 'round % is closed, and what it started from never changes: start another', OLD.id;
    END IF;
    IF NEW.state = 'closed'
       AND (NEW.version_id, NEW.trainer, NEW.training_id, NEW.retest_id, NEW.arms, NEW.history, NEW.notes, NEW.report,
            NEW.closed_at)
       IS DISTINCT FROM
           (OLD.version_id, OLD.trainer, OLD.training_id, OLD.retest_id, OLD.arms, OLD.history, OLD.notes, OLD.report,
            OLD.closed_at) THEN
        RAISE EXCEPTION 'round % is closed and its report never changes: do a step of it again', OLD.id;
    END IF;
    IF NEW.state <> 'closed' AND NEW.report <> '{}'::jsonb THEN
        RAISE EXCEPTION 'round % is opened again, so its report cannot stand: it is made anew', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER winnow_freeze BEFORE UPDATE ON activelearning_round
    FOR EACH ROW WHEN (OLD.state = 'closed') EXECUTE FUNCTION winnow_freeze_round();
"""
UNFREEZE = """
DROP TRIGGER winnow_freeze ON activelearning_training;
DROP TRIGGER winnow_freeze_trained ON evaluation_modelversion;
DROP TRIGGER winnow_freeze ON activelearning_round;
DROP FUNCTION winnow_freeze_training();
DROP FUNCTION winnow_freeze_trained();
DROP FUNCTION winnow_freeze_round();
"""


class Migration(migrations.Migration):
    dependencies = [("activelearning", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, UNFREEZE)]
