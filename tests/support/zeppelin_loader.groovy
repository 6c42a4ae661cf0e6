// Reads a note as Zeppelin does when it is imported, and prints what Zeppelin then knows of it as JSON.
// Arguments: the .zpln file, and the file into which Zeppelin saves the note.
import groovy.json.JsonOutput
import java.text.SimpleDateFormat
import org.apache.zeppelin.notebook.Note

def (source, saved) = args.collect { new File(it) }
def note = Note.fromJson(null, source.getText('UTF-8'))
saved.setText(note.toJson(), 'UTF-8')

println JsonOutput.toJson([
    name: note.name,
    id: note.id,
    default_interpreter_group: note.defaultInterpreterGroup,
    paragraphs: note.paragraphs.collect {
        it.parseText()
        [
            id: it.id,
            title: it.title,
            text: it.text,
            interpreter: it.intpText,
            options: it.localProperties,
            script: it.scriptText,
            enabled: it.isEnabled(),
            user: it.user,
            status: it.status.toString(),
            results: it.return?.toString(),
            created: new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss").format(it.dateCreated),
        ]
    },
])
