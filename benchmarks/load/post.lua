-- wrk script: sends the requests of the file REQUESTS in turn. Each one there is its length, a line feed, its bytes.
-- With CHECK set it also reads every answer and counts those with GraphQL errors (too costly while measuring).
local requests, at = {}, 0
local threads = {}
bad = 0

function setup(thread)
  threads[#threads + 1] = thread
end

function init()
  local file = assert(io.open(os.getenv("REQUESTS"), "rb"))
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
end

function request()
  at = at % #requests + 1
  return requests[at]
end

if os.getenv("CHECK") then
  function response(_, _, body)
    if body:find('"errors"', 1, true) then bad = bad + 1 end
  end
end

function done(summary, latency)
  local failed, e = 0, summary.errors
  for _, thread in ipairs(threads) do failed = failed + thread:get("bad") end
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.6f, "bytes": %d, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, '
      .. '"bad_status": %d, "socket_errors": %d, "graphql_errors": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, e.status, e.connect + e.read + e.write + e.timeout, failed))
end
