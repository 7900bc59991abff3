-- Request the paths of a file in order, each from another address, as a proxy in front
-- of Odoo would. Print the results as JSON at the end.
local paths, threads = {}, {}
sent = -1 -- global, for done(); wrk builds the first request without sending it

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    paths[#paths + 1] = line
  end
  offset = tonumber(arguments[2])
  host = arguments[3]
end

function request()
  sent = sent + 1
  local number = offset + sent
  local address = string.format(
    "198.%d.%d.%d", 18 + math.floor(number / 65536) % 2,
    math.floor(number / 256) % 256, number % 256
  )
  return wrk.format("GET", paths[number % #paths + 1], {
    ["Host"] = host,
    ["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
      .. "(KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ["X-Forwarded-For"] = address,
    ["X-Forwarded-Host"] = host,
    ["X-Forwarded-Proto"] = "http",
  })
end

function done(summary, latency)
  local all = 0
  for _, thread in ipairs(threads) do
    all = all + thread:get("sent")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"sent": %d, "requests": %d, "seconds": %f, "p50": %f, "p99": %f, '
      .. '"bad": %d, "broken": %d}\n',
    all, summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
