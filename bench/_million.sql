-- A million frames of 40 cameras and 2,000 videos, skewed as footage is: most are empty, by day, sharp and dry.
-- Everything follows from a frame's number, so that each machine makes the same.
CREATE FUNCTION pg_temp.u(n bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
    AS $$ SELECT ((hashint8extended(n, salt) & 16777215) + 0.5) / 16777216.0 $$;

INSERT INTO curation_camera (id, name, attributes, created_at)
SELECT c + 1, 'camera-' || to_char(c, 'FM00'), jsonb_build_object(
        'location', (ARRAY['gate', 'yard', 'car park', 'loading bay', 'lobby', 'stairs', 'corridor', 'roof'])[c % 8 + 1],
        'camera_angle', (ARRAY['high', 'high', 'eye_level', 'overhead', 'low'])[c % 5 + 1], 'floor', c % 3), now()
FROM generate_series(0, 39) AS c;

INSERT INTO curation_video (id, kind, sha256, camera_id, name, file, size_bytes, status, error, container, codec, width_px,
    height_px, rotation_deg, fps, duration_s, has_audio, header_frames, packets, decoded_frames, decode_errors, start_us,
    keyframes, recorded_at, created_at)
SELECT v + 1, 'footage', encode(sha256(v::text::bytea), 'hex'), v % 40 + 1, 'video-' || to_char(v, 'FM0000') || '.mp4',
       'videos/' || v, 90000000, 'ready', '', 'mp4', 'h264', size.w, size.h, 0, 25, 1000, false, 25000, 25000, 25000, 0, 0,
       ''::bytea, timestamptz '2025-06-01 00:00+00' + (v / 40) * interval '7 days' + (v * 7 % 24) * interval '1 hour', now()
FROM generate_series(0, 1999) AS v,
     LATERAL (SELECT CASE WHEN v % 40 < 28 THEN 1920 WHEN v % 40 < 36 THEN 1280 ELSE 3840 END AS w,
                     CASE WHEN v % 40 < 28 THEN 1080 WHEN v % 40 < 36 THEN 720 ELSE 2160 END AS h) AS size;

INSERT INTO curation_frame (id, video_id, camera_id, pts_us, recorded_at, image, width_px, height_px, tags, evidence,
    annotated_at, held_out, phash, uniqueness, typicality, outlier_score, duplicate_of_id, changed_xid, created_at)
SELECT n, v.id, v.camera_id, at.pts_us, v.recorded_at + at.pts_us * interval '1 microsecond',
       'frames/' || v.id || '/' || n || '.jpg', v.width_px, v.height_px, it.tags,
       (SELECT jsonb_object_agg(factor, jsonb_build_object('source', 'model', 'by', 'bench', 'confidence', 0.93))
        FROM jsonb_object_keys(it.tags) AS factor),
       CASE WHEN pg_temp.u(n, 30) < 0.02 THEN now() END, false, hashint8extended(n, 31),
       round((0.02 + 0.6 * power(pg_temp.u(n, 32), 3))::numeric, 4), round((1 + 3 * pg_temp.u(n, 33))::numeric, 4),
       round((-ln(pg_temp.u(n, 34)))::numeric, 4), CASE WHEN (n - 1) % 500 > 0 AND pg_temp.u(n, 35) < 0.06 THEN n - 1 END,
       0, now()
FROM generate_series(1, 1000000) AS n
JOIN curation_video AS v ON v.id = (n - 1) / 500 + 1,
LATERAL (SELECT (n - 1) % 500 * 2000000 + 40000 AS pts_us, extract(hour FROM v.recorded_at)::int AS hour,
                extract(month FROM v.recorded_at)::int AS month, v.camera_id % 4 = 1 AS inside) AS at,
LATERAL (SELECT CASE WHEN at.inside THEN 90 WHEN at.hour BETWEEN 7 AND 17 THEN 125 WHEN at.hour IN (6, 18, 19) THEN 55
                     ELSE 18 END * (0.6 + 0.8 * pg_temp.u(n, 1)) AS brightness,
                0.08 + 0.75 * power(pg_temp.u(n, 2), 2.5) AS blur, 12 * power(pg_temp.u(n, 3), 6) AS moving,
                pg_temp.u(v.id, 4) AS sky, v.id % 12 <> 0 AS looked,
                CASE WHEN pg_temp.u(n, 5) < 0.62 THEN 0 ELSE 1 + least(29, floor(-1.3 * ln(pg_temp.u(n, 6)))::int) END AS people,
                CASE WHEN at.inside OR pg_temp.u(n, 7) < 0.55 THEN 0
                     ELSE 1 + least(19, floor(-2 * ln(pg_temp.u(n, 8)))::int) END AS cars) AS seen,
LATERAL (SELECT jsonb_strip_nulls(jsonb_build_object('person', nullif(people, 0), 'car', nullif(cars, 0),
            'bicycle', CASE WHEN NOT at.inside AND pg_temp.u(n, 9) < 0.06 THEN 1 + floor(2 * pg_temp.u(n, 10)) END,
            'truck', CASE WHEN NOT at.inside AND pg_temp.u(n, 11) < 0.03 THEN 1 END,
            'dog', CASE WHEN pg_temp.u(n, 12) < 0.008 THEN 1 END, 'backpack', CASE WHEN pg_temp.u(n, 13) < 0.04 THEN 1 END,
            'chair', CASE WHEN at.inside THEN 1 + floor(4 * pg_temp.u(n, 14)) END,
            'tv', CASE WHEN at.inside AND pg_temp.u(v.camera_id, 15) < 0.4 THEN 1 END,
            'traffic light', CASE WHEN NOT at.inside AND pg_temp.u(v.camera_id, 16) < 0.2 THEN 2 END)) AS counts) AS found,
LATERAL (SELECT jsonb_strip_nulls(jsonb_build_object(
            'brightness', round(brightness::numeric, 1), 'contrast', round((20 + 50 * pg_temp.u(n, 17))::numeric, 1),
            'lighting', (ARRAY['pitch_dark', 'dark', 'dim', 'normal', 'bright'])[width_bucket(brightness, ARRAY[12, 45, 80, 160]) + 1],
            'blur', round(blur::numeric, 3),
            'blurriness', (ARRAY['sharp', 'soft', 'blurred'])[width_bucket(blur, ARRAY[0.3, 0.55]) + 1],
            'resolution', CASE v.height_px WHEN 1080 THEN 'FHD' WHEN 720 THEN 'HD' ELSE '4K' END,
            'motion', moving > 0.1, 'motion_amount', round(moving::numeric, 2),
            'time_of_day', (ARRAY['night', 'morning', 'afternoon', 'evening'])[at.hour / 6 + 1],
            'season', (ARRAY['winter', 'spring', 'summer', 'autumn'])[at.month % 12 / 3 + 1],
            'weather', CASE WHEN NOT at.inside AND pg_temp.u(n, 18) < 0.9 THEN
                (ARRAY['clear', 'cloudy', 'rain', 'snow', 'fog'])[width_bucket(sky, ARRAY[0.5, 0.78, 0.92, 0.97]) + 1] END,
            'reflective_surfaces', CASE WHEN pg_temp.u(n, 19) < 0.7 THEN pg_temp.u(n, 20) < 0.12 END,
            'indoor', at.inside, 'location', c.attributes -> 'location', 'camera_angle', c.attributes -> 'camera_angle',
            'floor', c.attributes -> 'floor'))
         || CASE WHEN looked THEN jsonb_build_object('people', people, 'has_people', people > 0, 'object_counts', counts,
            'objects', (SELECT coalesce(jsonb_agg(label ORDER BY label), '[]') FROM jsonb_object_keys(counts) AS label))
            ELSE '{}' END AS tags
         FROM curation_camera AS c WHERE c.id = v.camera_id) AS it
ORDER BY n;

INSERT INTO curation_run (id, video_id, cascade_id, spec, spec_sha256, code_version, chunk_s, status, error, stage_index,
    stages, frames_kept, weights, created_at)
SELECT v.id, v.id, c.id, c.spec, repeat('0', 64), 'bench', 60, 'done', '', 0, '[]', 500, '{}', now()
FROM curation_video AS v JOIN curation_cascade AS c ON c.id = (SELECT max(id) FROM curation_cascade);

INSERT INTO curation_keep (run_id, frame_id, reason, tags, evidence)
SELECT video_id, id, 'rate', '{}', '{}' FROM curation_frame ORDER BY id;

INSERT INTO curation_annotation (frame_id, label, x1, y1, x2, y2, is_crowd, attributes, source, by, created_at)
SELECT id, label, 10, 10, 90, 190, false, '{}', 'labelling', 'bench', now()
FROM curation_frame, jsonb_array_elements_text(tags -> 'objects') AS label WHERE annotated_at IS NOT NULL ORDER BY id;

INSERT INTO curation_dataset (id, name, description, created_at) VALUES (1, 'bench', '', now());
INSERT INTO curation_datasetversion (id, dataset_id, number, plan, plan_text, seed, split_by, manifest, manifest_sha256,
    frame_count, annotation_count, splits, report, code_version, created_at, lock)
VALUES (1, 1, 1, '{}', '', 0, 'video', '', repeat('0', 64), 20000, 0, '{}', '{}', 'bench', now(), '{}');
INSERT INTO curation_datasetframe (version_id, frame_id, split, "group")
SELECT 1, id, CASE WHEN video_id % 10 < 8 THEN 'train' ELSE 'val' END, video_id::text
FROM curation_frame ORDER BY pg_temp.u(id, 40) / (CASE WHEN tags ->> 'lighting' IN ('dark', 'dim') THEN 3 ELSE 1 END)
LIMIT 20000;

SELECT setval(pg_get_serial_sequence(name, 'id'), greatest(1, top)) FROM (VALUES
    ('curation_camera', (SELECT max(id) FROM curation_camera)), ('curation_video', (SELECT max(id) FROM curation_video)),
    ('curation_frame', (SELECT max(id) FROM curation_frame)), ('curation_run', (SELECT max(id) FROM curation_run)),
    ('curation_dataset', 1), ('curation_datasetversion', 1)) AS made (name, top);
