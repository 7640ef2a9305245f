-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- sync event_of_text (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CAST("id" AS BIGINT) AS key,
    CAST("email" AS VARCHAR) AS f1,
    CASE WHEN regexp_matches(CAST("told" AS VARCHAR), '\d:\d\d(:\d\d(\.\d+)?)? *(Z|UTC|[+-]\d\d(:?\d\d)?)$') THEN (TRY_CAST("told" AS TIMESTAMPTZ) AT TIME ZONE 'UTC') ELSE ((TRY_CAST("told" AS TIMESTAMP) AT TIME ZONE 'Europe/London') AT TIME ZONE 'UTC') END AS happened_at
  FROM source_people
)
SELECT
  key,
  f1,
  happened_at,
  COALESCE(CAST(NULL AS VARCHAR), 'ok') AS problem
FROM typed
ORDER BY key
