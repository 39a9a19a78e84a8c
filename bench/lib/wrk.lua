-- The load of bench/http: one request again and again. Arguments: method, file with the body ("-" for none). Ends with a line of
-- figures: requests, failures, microseconds, and latencies in microseconds at 50, 99 and 99.9 %.
function init(args)
  wrk.method = args[1]
  if args[2] ~= "-" then
    local file = assert(io.open(args[2], "rb"))
    wrk.body = file:read("*a")
    file:close()
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("FIGURES %d %d %d %d %d %d\n", summary.requests, failures, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
