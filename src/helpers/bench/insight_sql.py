"""The statements of notebooks 05 and 06 on a table of any name; a test holds them to the notebooks."""

from __future__ import annotations

from collections.abc import Callable

Statement = Callable[[str], str]

LEAST_EXPECTED = 5


def parquet_table(raw_table: str, table: str, location: str) -> str:
    """Return the statement that makes the Parquet table, partitioned by day, out of the CSV's table."""
    return f"""
CREATE TABLE {table}
WITH (format = 'PARQUET', write_compression = 'SNAPPY', partitioned_by = ARRAY['day'],
      external_location = '{location}') AS{_typed(raw_table)}"""


def parquet_table_by_type(table: str, by_type: str, location: str) -> str:
    """Return the statement that makes the Parquet table partitioned by type of event, out of the one by day."""
    return f"""
CREATE TABLE {by_type}
WITH (format = 'PARQUET', write_compression = 'SNAPPY', partitioned_by = ARRAY['event_type'],
      external_location = '{location}') AS
SELECT event_time, product_id, category_id, category_code, brand, price, user_id, user_session, day, event_type
FROM {table}
"""


def csv_view(raw_table: str, view: str) -> str:
    """Return the statement of a view that shows the CSV's table as the Parquet table looks."""
    return f"CREATE VIEW {view} AS{_typed(raw_table)}"


def _typed(raw_table: str) -> str:
    return f"""
SELECT date_parse(event_time, '%Y-%m-%d %H:%i:%s UTC') AS event_time, event_type,
       product_id, category_id, nullif(category_code, '') AS category_code,
       nullif(brand, '') AS brand, price, user_id, nullif(user_session, '') AS user_session,
       substr(event_time, 1, 10) AS day
FROM {raw_table}
"""


def unique_visitors_per_day(table: str) -> str:
    return f"""
SELECT day, count(DISTINCT user_id) AS visitors
FROM {table}
GROUP BY day
ORDER BY day
"""


def cart_abandonment(table: str) -> str:
    return f"""
WITH carts AS (
  SELECT user_session, product_id, min(event_time) AS first_time, min(category_code) AS category_code
  FROM {table}
  WHERE event_type = 'cart' AND user_session IS NOT NULL
  GROUP BY user_session, product_id
), bought AS (
  SELECT DISTINCT user_session, product_id
  FROM {table}
  WHERE event_type = 'purchase'
), judged AS (
  SELECT c.*, date_format(c.first_time, '%Y-%m-%d') AS day, b.product_id IS NULL AS abandoned
  FROM carts c
  LEFT JOIN bought b ON c.user_session = b.user_session AND c.product_id = b.product_id
)

SELECT day, count(*) AS carted, count_if(abandoned) AS abandoned,
       CAST(count_if(abandoned) AS double) / count(*) AS rate
FROM judged
GROUP BY day
ORDER BY day
"""


def top_categories_by_hour(table: str) -> str:
    return _top_five(table, "hour", "hour(event_time)")


def top_categories_by_weekday(table: str) -> str:
    return _top_five(table, "weekday", "day_of_week(event_time)")


def _top_five(table: str, slot: str, expression: str) -> str:
    return f"""
WITH counts AS (
  SELECT {expression} AS {slot}, category_code, count(*) AS events
  FROM {table}
  WHERE category_code IS NOT NULL
  GROUP BY 1, 2
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY {slot} ORDER BY events DESC, category_code) AS rank
  FROM counts
)
SELECT {slot}, rank, category_code, events FROM ranked WHERE rank <= 5 ORDER BY {slot}, rank
"""


def brands_to_promote(table: str) -> str:
    return f"""
WITH parts AS (
  SELECT category_id, brand,
         count_if(event_type = 'view') AS views, count_if(event_type = 'cart') AS carts,
         count_if(event_type = 'purchase') AS purchases,
         sum(CASE WHEN event_type = 'purchase' THEN CAST(price AS decimal(20, 6)) END) AS revenue
  FROM {table} GROUP BY category_id, brand
), whole AS (
  SELECT category_id, sum(views) AS category_views, sum(purchases) AS category_purchases
  FROM parts GROUP BY category_id
), brands AS (
  SELECT brand, sum(views) AS views, sum(carts) AS carts, sum(purchases) AS purchases,
         coalesce(sum(revenue), 0) AS revenue,
         sum(IF(views > 0, views * category_purchases * 1000 / category_views, 0)) AS expected
  FROM parts JOIN whole ON parts.category_id = whole.category_id
  WHERE brand IS NOT NULL GROUP BY brand
)

SELECT row_number() OVER (ORDER BY expected - purchases * 1000 DESC, brand) AS rank,
       brand, views, carts, purchases, revenue,
       CAST(purchases AS double) / views AS view_to_purchase,
       CAST(expected AS double) / 1000 AS expected_purchases,
       CAST(expected - purchases * 1000 AS double) / 1000 AS missing_purchases
FROM brands
WHERE expected >= {LEAST_EXPECTED} * 1000 AND expected > purchases * 1000
ORDER BY rank
"""


STATEMENTS: tuple[Statement, ...] = (
    unique_visitors_per_day,
    cart_abandonment,
    top_categories_by_hour,
    top_categories_by_weekday,
    brands_to_promote,
)
