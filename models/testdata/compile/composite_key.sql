-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- sync composite_key (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CASE WHEN CAST("org" AS VARCHAR) IS NOT NULL AND CAST("id" AS BIGINT) IS NOT NULL
      THEN '[' || CAST(to_json(CAST("org" AS VARCHAR)) AS VARCHAR) || ',' || CAST(CAST("id" AS BIGINT) AS VARCHAR) || ']' END AS key,
    CAST("id" AS BIGINT) AS m1,
    CAST("org" AS VARCHAR) AS m2,
    CAST("email" AS VARCHAR) AS f1
  FROM source_people
)
SELECT
  key,
  m1,
  m2,
  f1,
  COALESCE(CASE
    WHEN m1 IS NULL THEN 'no_match:number'
    WHEN m2 IS NULL THEN 'no_match:org'
  END, 'ok') AS problem
FROM typed
ORDER BY key
