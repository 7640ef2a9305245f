-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- sync contract (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CAST("id" AS BIGINT) AS key,
    TRY_CAST("score" AS DECIMAL(38,9)) AS f1,
    "score" IS NOT NULL AS had_f1,
    CAST("email" AS VARCHAR) AS f2
  FROM source_people
)
SELECT
  key,
  f1,
  f2,
  COALESCE(CASE
    WHEN had_f1 AND f1 IS NULL THEN 'bad_value:score'
  END, 'ok') AS problem
FROM typed
ORDER BY key
