// A session of Flink SQL in one JVM: a request a line comes in, an answer a line goes out, both JSON.
// {"sql": text, "rows": n} is answered by {"rows": [...]}, n rows at the most, or by {"error": cause}.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.apache.flink.configuration.Configuration
import org.apache.flink.runtime.minicluster.MiniCluster
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration
import org.apache.flink.table.api.EnvironmentSettings
import org.apache.flink.table.api.TableEnvironment
import org.apache.flink.table.operations.command.SetOperation

// One cluster for all statements: by default each job would start its own.
def loopback = Configuration.fromMap([
    'rest.address': '127.0.0.1', 'rest.bind-address': '127.0.0.1', 'jobmanager.bind-host': '127.0.0.1',
])
def cluster = new MiniCluster(
    new MiniClusterConfiguration.Builder()
        .setConfiguration(loopback).withRandomPorts().setNumSlotsPerTaskManager(32).build()
)
cluster.start()
def tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode())
def address = cluster.restAddress.get()
[
    'execution.target': 'remote',
    'jobmanager.rpc.address': address.host,
    'rest.address': address.host,
    'rest.port': address.port.toString(),
].each { key, value -> tables.config.configuration.setString(key, value) }

def run = { String sql, int wanted ->
    // SET belongs to the client, here as in Zeppelin: a table environment does not run it.
    def operation = tables.parser.parse(sql)[0]
    if (operation instanceof SetOperation) {
        tables.config.configuration.setString(operation.key.get(), operation.value.get())
        return []
    }
    def result = tables.executeSql(sql)
    if (wanted == 0) {
        return []
    }
    def rows = []
    def found = result.collect()
    while (rows.size() < wanted && found.hasNext()) {
        def row = found.next()
        rows << (0..<row.arity).collect { row.getField(it)?.toString() }
    }
    // It waits until the job is cancelled, which takes seconds; nobody else has to.
    Thread.start { found.close() }
    return rows
}

System.in.eachLine('UTF-8') { line ->
    def request = new JsonSlurper().parseText(line)
    def answer
    try {
        answer = [rows: run(request.sql, request.rows)]
    } catch (Throwable error) {
        def cause = error
        while (cause.cause != null) {
            cause = cause.cause
        }
        answer = [error: cause.toString()]
    }
    println JsonOutput.toJson(answer)
}
System.exit(0)
