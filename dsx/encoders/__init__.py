"""How rows become vectors: words counted, a model, a function of the user's, or given vectors."""

from dsx.encoders.encode import check, encode
from dsx.encoders.encoded import Encoded, Report
from dsx.encoders.functions import register
from dsx.encoders.naming import choices, described, kind_of, resolve, title
from dsx.encoders.query import query_vector

__all__ = [
    "Encoded",
    "Report",
    "check",
    "choices",
    "described",
    "encode",
    "kind_of",
    "query_vector",
    "register",
    "resolve",
    "title",
]
