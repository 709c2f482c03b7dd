"""Settings of what one operation may ask for, and of documents known beforehand."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from custgraph.config.values import Bytes, CommaSeparated, Count


class LimitSettings(BaseModel):
    """What one operation may ask for. All limits are on."""

    max_source_bytes: Bytes = Field(16_384, description="Longest document.", examples=["16384"])
    max_tokens: Count = Field(1_000, description="Most lexical tokens in a document.", examples=["1000"])
    max_comments: Count = Field(100, description="Most comments in a document.", examples=["100"])
    max_depth: Count = Field(16, description="Deepest nesting of fields.", examples=["16"])
    max_aliases: Count = Field(30, description="Most aliases in an operation, fragments spread.", examples=["30"])
    max_root_fields: Count = Field(30, description="Most fields at the root.", examples=["30"])
    max_directives: Count = Field(50, description="Most directives, fragments spread.", examples=["50"])
    max_fields: Count = Field(1_000, description="Most fields, fragments spread.", examples=["1000"])
    max_cost: Count = Field(
        20_000,
        description="Highest cost of an operation: objects that may come, and weights. 1,000 customers with all that "
        "they have cost 9,001.",
        examples=["20000"],
    )
    max_upstream_calls: Count = Field(
        1_500,
        description="Most upstream calls that an operation can cause. 1,000 representations that all turn out to be "
        "hidden from lists need 1,005, 200 customers with their enterprises' names 601, 450 ids 453.",
        examples=["1500"],
    )
    max_representations: Count = Field(
        1_000, description="Most representations of one _entities field.", examples=["1000"]
    )
    rate_limit: Count | None = Field(
        None, description="Cost that one credential may spend each minute; unset: no rate limit.", examples=["100000"]
    )
    report_cost: bool = Field(False, description="Tells every answer's cost in extensions.cost.", examples=["true"])
    shared_url: Annotated[str, Field(pattern=r"^(redis|rediss|valkey|valkeys|unix)://\S+$")] | None = Field(
        None,
        repr=False,  # it may hold a password
        description="Valkey or Redis that workers share rate limits and persisted queries through.",
        examples=["redis://localhost:6379/0"],
    )
    batching: bool = Field(False, description="Accepts arrays of operations.", examples=["true"])
    max_batch: Count = Field(10, description="Most operations in one array.", examples=["10"])


class DocumentSettings(BaseModel):
    """Documents: the cache of prepared ones, persisted and trusted ones."""

    document_cache: Count = Field(512, description="Prepared documents kept.", examples=["512"])
    document_cache_tokens: Count = Field(
        32_768,
        description="Tokens of all prepared documents together; one takes about a kilobyte, its plan included.",
        examples=["32768"],
    )
    persisted_queries: bool = Field(True, description="Accepts automatic persisted queries.", examples=["false"])
    persisted_query_cache: Count = Field(1_000, description="Automatic persisted queries kept.", examples=["1000"])
    persisted_query_cache_bytes: Bytes = Field(
        4_194_304, description="Bytes of all automatic persisted queries together.", examples=["4194304"]
    )
    documents: CommaSeparated = Field(
        (),
        description="Trusted documents: Relay maps, Apollo manifests, folders of *.graphql.",
        examples=["persisted.json,documents/"],
    )
    documents_only: bool = Field(False, description="Refuses every document not trusted.", examples=["true"])
