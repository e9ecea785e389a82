-- For wrk: asks for the targets of a file, one after the other, and says what came of it as JSON.
-- A line is a path, or a path, a tab and the ETag that one has of it; behind another tab, what is posted.
local requests, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local path, etag, body = line:match("^([^\t]+)\t?([^\t]*)\t?(.*)$")
    local headers = etag ~= "" and { ["If-None-Match"] = etag } or {}
    requests[#requests + 1] = body ~= "" and wrk.format("POST", path, headers, body) or wrk.format("GET", path, headers)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format('{"rate": %f, "p50": %f, "p99": %f, "errors": %d}',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status))
end
