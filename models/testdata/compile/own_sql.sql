-- source people (models/people.yml:2)
WITH source_people AS (
  SELECT * FROM "weir_suite"."people"
),
-- source active (models/people.yml:8)
source_active AS (
SELECT *,
    'a
  b {people} -- ;' AS words -- {nobody}
FROM source_people
WHERE active OR active IS NULL  -- all but bob
),
-- source known (models/people.yml:20)
source_known AS (
WITH a AS (SELECT id, email, words FROM source_active)
SELECT a.*, p.org FROM a JOIN source_people AS p ON p.id = a.id
),
-- sync own_sql (syncs/crm.yml:3): its values, each as one of Weir's types
typed AS (
  SELECT
    CAST("id" AS BIGINT) AS key,
    CAST("id" AS BIGINT) AS m1,
    CAST("org" AS VARCHAR) AS f1,
    CAST("words" AS VARCHAR) AS f2
  FROM source_known
)
SELECT
  key,
  m1,
  f1,
  f2,
  COALESCE(CASE
    WHEN m1 IS NULL THEN 'no_match:id'
  END, 'ok') AS problem
FROM typed
ORDER BY key
