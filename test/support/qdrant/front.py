"""The part of Qdrant's REST interface that the product uses, over Qdrant's own engine in this process.

The paths, fields and answers follow Qdrant's published OpenAPI document. What is ours is this thin layer; storage,
search, filters, sparse vectors and idf are Qdrant's.
"""

import io
import json
import pathlib
import re
import sys
import tarfile
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import qdrant_edge as q

lock = threading.Lock()
root = pathlib.Path(sys.argv[2])
key = sys.argv[3] if len(sys.argv) > 3 else None
collections: dict[str, dict] = {}
aliases: dict[str, str] = {}

distances = {"Cosine": q.Distance.Cosine, "Dot": q.Distance.Dot}
schemas = {
    "keyword": q.PayloadSchemaType.Keyword,
    "float": q.PayloadSchemaType.Float,
    "integer": q.PayloadSchemaType.Integer,
    "bool": q.PayloadSchemaType.Bool,
    "uuid": q.PayloadSchemaType.Uuid,
}


class Refused(Exception):
    def __init__(self, status: int, why: str):
        super().__init__(why)
        self.status = status


# The engine's Python side reads True in a condition as the number 1: booleans are matched as texts of our own.
booleans = "__booleans"


def boolean(path: str, value: bool) -> str:
    return f"{path}={json.dumps(value)}"


def booleans_of(value, path: str) -> list:
    if isinstance(value, bool):
        return [boolean(path, value)]
    if not isinstance(value, dict):
        return []
    return [one for name, own in value.items() for one in booleans_of(own, f"{path}.{name}" if path else name)]


def shown(payload: dict) -> dict:
    return {name: value for name, value in payload.items() if name != booleans}


def condition(one: dict):
    if "is_empty" in one:
        return q.IsEmptyCondition(one["is_empty"]["key"])
    if "must" in one or "should" in one or "must_not" in one:
        return filter_of(one)
    match = one.get("match")
    if match is not None:
        if "any" in match:
            return q.FieldCondition(one["key"], match=q.MatchAny(match["any"]))
        if isinstance(match["value"], bool):
            return q.FieldCondition(booleans, match=q.MatchValue(boolean(one["key"], match["value"])))
        return q.FieldCondition(one["key"], match=q.MatchValue(match["value"]))
    return q.FieldCondition(one["key"], range=q.RangeFloat(**one["range"]))


def filter_of(body: dict | None):
    if not body:
        return None
    parts = {name: [condition(one) for one in body[name]] for name in ("must", "should", "must_not") if name in body}
    return q.Filter(**parts)


def named(name: str) -> dict:
    found = collections.get(aliases.get(name, name))
    if found is None:
        raise Refused(404, f"Not found: Collection `{name}` doesn't exist!")
    return found


def create(name: str, body: dict):
    if name in collections:
        raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
    vectors = {
        own: q.EdgeVectorParams(
            size=params["size"],
            distance=distances[params["distance"]],
            quantization_config=q.ScalarQuantizationConfig(type=q.ScalarType.Int8, quantile=0.99, always_ram=True)
            if "quantization_config" in params
            else None,
        )
        for own, params in body["vectors"].items()
    }
    sparse = {
        own: q.EdgeSparseVectorParams(modifier=q.Modifier.Idf if params.get("modifier") == "idf" else None)
        for own, params in body.get("sparse_vectors", {}).items()
    }
    path = pathlib.Path(tempfile.mkdtemp(dir=root))
    shard = q.EdgeShard.create(str(path), q.EdgeConfig(vectors=vectors, sparse_vectors=sparse))
    collections[name] = {"shard": shard, "path": path, "body": body}
    return True


def point_of(one: dict, body: dict):
    vector = {}
    for name, value in one["vector"].items():
        if isinstance(value, dict):
            vector[name] = q.SparseVector(indices=value["indices"], values=value["values"])
            continue
        size = body["vectors"][name]["size"]
        if len(value) != size:
            raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {size}, got {len(value)}")
        vector[name] = value
    payload = one.get("payload") or {}
    return q.Point(one["id"], vector, {**payload, booleans: booleans_of(payload, "")})


def plain(vector) -> dict:
    def value(one):
        return {"indices": list(one.indices), "values": list(one.values)} if hasattr(one, "indices") else list(one)

    return {name: value(one) for name, one in vector.items()}


def query(name: str, body: dict):
    found = named(name)
    wanted = body["query"]
    using = body["using"]
    if isinstance(wanted, dict):
        vector = q.SparseVector(indices=wanted["indices"], values=wanted["values"])
    else:
        vector = wanted
        size = found["body"]["vectors"][using]["size"]
        if len(vector) != size:
            raise Refused(400, f"Wrong input: Vector dimension error: expected dim: {size}, got {len(vector)}")
    request = q.QueryRequest(
        limit=body["limit"],
        query=q.Query.Nearest(vector, using=using),
        filter=filter_of(body.get("filter")),
        with_payload=True,
        params=q.SearchParams(exact=(body.get("params") or {}).get("exact", False)),
    )
    points = found["shard"].query(request)
    return {"points": [{"id": str(p.id), "version": 0, "score": p.score, "payload": shown(p.payload)} for p in points]}


def scroll(name: str, body: dict):
    records, after = named(name)["shard"].scroll(
        q.ScrollRequest(offset=body.get("offset"), limit=body["limit"], with_payload=True, with_vector=True)
    )
    return {
        "points": [{"id": str(r.id), "payload": shown(r.payload), "vector": plain(r.vector)} for r in records],
        "next_page_offset": None if after is None else str(after),
    }


def facet(name: str, body: dict):
    request = q.FacetRequest(key=body["key"], limit=body["limit"], exact=body.get("exact", False))
    found = named(name)["shard"].facet(request)
    return {"hits": [{"value": one.value, "count": one.count} for one in found.hits]}


def delete(name: str, body: dict):
    named(name)["shard"].update(q.UpdateOperation.delete_points_by_filter(filter_of(body["filter"])))
    return {"operation_id": 0, "status": "completed"}


def upsert(name: str, body: dict):
    found = named(name)
    points = [point_of(one, found["body"]) for one in body["points"]]
    found["shard"].update(q.UpdateOperation.upsert_points(points))
    return {"operation_id": 0, "status": "completed"}


def index(name: str, body: dict):
    schema = schemas[body["field_schema"]]
    named(name)["shard"].update(q.UpdateOperation.create_field_index(body["field_name"], schema))
    return {"operation_id": 0, "status": "completed"}


def change_aliases(_: str, body: dict):
    after = dict(aliases)
    for action in body["actions"]:
        if "delete_alias" in action:
            after.pop(action["delete_alias"]["alias_name"], None)
        else:
            wanted = action["create_alias"]
            if wanted["collection_name"] not in collections:
                raise Refused(404, f"Not found: Collection `{wanted['collection_name']}` doesn't exist!")
            after[wanted["alias_name"]] = wanted["collection_name"]
    aliases.clear()
    aliases.update(after)
    return True


def info(name: str, _: dict):
    found = named(name)
    body = found["body"]
    params = {"vectors": body["vectors"], "sparse_vectors": body.get("sparse_vectors", {})}
    return {
        "status": "green",
        "points_count": found["shard"].count(q.CountRequest(exact=True)),
        "config": {"params": params, "metadata": body.get("metadata")},
        "payload_schema": {},
    }


def drop(name: str, _: dict):
    found = collections.pop(name, None)
    for alias in [own for own, target in aliases.items() if target == name]:
        del aliases[alias]
    if found:
        found["shard"].close()
    return found is not None


def snapshot(name: str, _: dict):
    found = named(name)
    found["shard"].flush()
    path = root / f"{name}.snapshot"
    (found["path"] / "body.json").write_text(json.dumps(found["body"]))
    with tarfile.open(path, "w") as tar:
        tar.add(found["path"], arcname="0")
    return {"name": path.name, "size": path.stat().st_size, "creation_time": None}


def drop_snapshot(name: str, _: dict):
    path = root / f"{name}.snapshot"
    if not path.exists():
        raise Refused(404, f"Not found: snapshot of `{name}`")
    path.unlink()
    return True


def restore(name: str, tar: bytes):
    drop(name, {})
    path = pathlib.Path(tempfile.mkdtemp(dir=root))
    with tarfile.open(fileobj=io.BytesIO(tar)) as packed:
        packed.extractall(path, filter="data")
    body = json.loads((path / "0" / "body.json").read_text())
    (path / "0" / "body.json").unlink()
    collections[name] = {"shard": q.EdgeShard.load(str(path / "0")), "path": path / "0", "body": body}
    return True


def part_of(raw: bytes, content_type: str) -> bytes:
    """The one part of a multipart body."""
    boundary = b"--" + content_type.split("boundary=")[1].encode()
    return raw.split(boundary)[1].split(b"\r\n\r\n", 1)[1][: -len(b"\r\n")]


routes = [
    ("GET", r"/collections", lambda _n, _b: {"collections": [{"name": name} for name in collections]}),
    ("GET", r"/aliases", lambda _n, _b: {
        "aliases": [{"alias_name": own, "collection_name": target} for own, target in aliases.items()]
    }),
    ("POST", r"/collections/aliases", change_aliases),
    ("GET", r"/collections/([^/]+)", info),
    ("PUT", r"/collections/([^/]+)", create),
    ("DELETE", r"/collections/([^/]+)", drop),
    ("PUT", r"/collections/([^/]+)/index", index),
    ("PUT", r"/collections/([^/]+)/points", upsert),
    ("POST", r"/collections/([^/]+)/points/delete", delete),
    ("POST", r"/collections/([^/]+)/facet", facet),
    ("POST", r"/collections/([^/]+)/points/query", query),
    ("POST", r"/collections/([^/]+)/points/scroll", scroll),
    ("POST", r"/collections/([^/]+)/points/count",
     lambda name, _: {"count": named(name)["shard"].count(q.CountRequest(exact=True))}),
    ("POST", r"/collections/([^/]+)/snapshots", snapshot),
    ("DELETE", r"/collections/([^/]+)/snapshots/[^/]+", drop_snapshot),
    ("POST", r"/collections/([^/]+)/snapshots/upload", restore),
]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        url = urlsplit(self.path)
        if key is not None and self.headers.get("api-key") != key:
            return self.send(403, {"status": {"error": "Forbidden: Invalid api-key"}, "time": 0})
        if self.command == "GET" and (found := re.fullmatch(r"/collections/[^/]+/snapshots/([^/]+)", url.path)):
            return self.send_file(root / found[1])
        for method, pattern, run in routes:
            found = re.fullmatch(pattern, url.path)
            if method != self.command or not found:
                continue
            try:
                # Who does not wait could read what is not yet there; the product always waits.
                waits = parse_qs(url.query).get("wait") == ["true"]
                if pattern.endswith(("/points", "/delete", "/index")) and not waits:
                    raise Refused(400, "this test server wants wait=true on every write")
                with lock:
                    is_file = run is restore
                    body = part_of(raw, self.headers["content-type"]) if is_file else json.loads(raw or b"{}")
                    result = run(found[1] if found.groups() else "", body)
                return self.send(200, {"result": result, "status": "ok", "time": 0})
            except Refused as refused:
                return self.send(refused.status, {"status": {"error": str(refused)}, "time": 0})
            except Exception as error:
                return self.send(500, {"status": {"error": repr(error)}, "time": 0})
        return self.send(404, {"status": {"error": f"no route {self.command} {url.path}"}, "time": 0})

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def send(self, status: int, body: dict):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def send_file(self, path: pathlib.Path):
        data = path.read_bytes()
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print(json.dumps({"listening": server.server_address[1]}), flush=True)
server.serve_forever()
